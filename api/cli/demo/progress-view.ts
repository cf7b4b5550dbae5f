/** Live progress of the demo: a table redrawn in place on a terminal, one line per change elsewhere. */
import { textTable } from "./text-table.ts";

export interface ProgressView {
  /** Something changed for a number. */
  update(number: string, state: string): void;
  /** Leaves the last state on the screen. */
  finish(): void;
}

/** `rows` are number and truth, in the order shown. */
export function createProgressView(
  rows: readonly (readonly [number: string, truth: string])[],
  output: NodeJS.WriteStream,
): ProgressView {
  return output.isTTY ? liveTable(rows, output) : plainLines(output);
}

function plainLines(output: NodeJS.WriteStream): ProgressView {
  const startedAt = Date.now();
  return {
    update(number, state) {
      output.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${number}  ${state}\n`);
    },
    finish() {},
  };
}

function liveTable(
  rows: readonly (readonly [number: string, truth: string])[],
  output: NodeJS.WriteStream,
): ProgressView {
  const states = new Map<string, string>();
  let drawnLines = 0;
  const draw = () => {
    const table = textTable(
      ["number", "who it really is", "now"],
      rows.map(([number, truth]) => [number, truth, states.get(number) ?? "queued"]),
    );
    const lines = table.split("\n").map((line) => line.slice(0, output.columns - 1));
    // Up over the last drawing, then each line cleared to its end.
    output.write(
      `${drawnLines > 0 ? `\u001b[${drawnLines}A` : ""}${lines.map((line) => `${line}\u001b[K\n`).join("")}`,
    );
    drawnLines = lines.length;
  };
  draw();
  return {
    update(number, state) {
      states.set(number, state);
      draw();
    },
    finish: draw,
  };
}
