/** Starts a TypeScript file of this repository as a process of its own and reads its lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface NodeChild {
  readonly pid: number;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Resolves once a line satisfies, or rejects when the process ends without one. */
  line(test: (line: string) => boolean): Promise<string>;
  /** Ends it as a power cut would, and waits until it is gone and its output is read. */
  kill(): Promise<void>;
}

/** `script` is relative to `test/support`. The process ends with this one's choice only: `kill` it in a hook. */
export function startNodeChild(script: string, args: readonly string[]): NodeChild {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  let errors = "";
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    child.on("close", () => {
      isClosed = true;
      for (const look of waiting) look();
      resolve();
    });
  });
  child.stdout?.on("data", (piece: Buffer) => {
    const parts = (rest + piece.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    for (const look of waiting) look();
  });
  child.stderr?.on("data", (piece: Buffer) => {
    errors += piece.toString("utf8");
  });
  return {
    pid: child.pid ?? 0,
    lines,
    line: (test) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(test);
          if (found === undefined && !isClosed) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`the process ended: ${errors}`));
        };
        waiting.add(look);
        look();
      }),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
