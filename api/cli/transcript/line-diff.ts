/** What differs between two lists of lines, as a person reads it: common lines, missing ones, unexpected ones. */

export interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** LIMIT: cells of the table of common subsequences; beyond it the texts are shown one after the other. */
const MAX_CELLS = 4_000_000;

/** The shortest way from `expected` to `actual`: `-` is missing, `+` was not expected. */
export function diffLines(expected: readonly string[], actual: readonly string[]): DiffLine[] {
  if (expected.length * actual.length > MAX_CELLS)
    return [...expected.map((text) => missing(text)), ...actual.map((text) => unexpected(text))];
  // common[i][j]: how many lines the rests from i and from j have in common, in order.
  const width = actual.length + 1;
  const common = new Uint32Array((expected.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = expected.length - 1; i >= 0; i--)
    for (let j = actual.length - 1; j >= 0; j--)
      common[i * width + j] =
        expected[i] === actual[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < expected.length || j < actual.length) {
    const left = expected[i];
    const right = actual[j];
    if (left !== undefined && left === right) {
      lines.push({ mark: " ", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(missing(left));
      i++;
    } else {
      lines.push(unexpected(right ?? ""));
      j++;
    }
  }
  return lines;
}

/** Lines around the differences; what is left out between them is one line `…`. */
export function printDiff(lines: readonly DiffLine[], context = 3): string[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ mark }) => mark !== " "),
  );
  return lines.flatMap(({ mark, text }, index) => {
    if (isNear[index]) return [`${mark} ${text}`];
    return index === 0 || isNear[index - 1] ? ["  …"] : [];
  });
}

function missing(text: string): DiffLine {
  return { mark: "-", text };
}

function unexpected(text: string): DiffLine {
  return { mark: "+", text };
}
