/**
 * Cases for VoiceXML documents as other suites describe them: where each starts, what its caller does, and what must
 * come of it. Keys that are not named here are ignored.
 */

/** What a caller does where an input is asked for. */
export interface CaseInput {
  /** A regular expression found in what was heard since the last input; empty: in any case. */
  readonly after: string;
  readonly type: "speech" | "dtmf" | "noinput" | "hangup" | "recording" | "transfer";
  /** Words, keys, or how a transfer ends. */
  readonly value?: string;
  /** `transfer`: it happens once the far end has answered. */
  readonly during?: string;
  /** Of a recording: seconds as a number, or a time such as `1500ms`. */
  readonly duration?: number | string;
  /** The input is one that no grammar knows. */
  readonly nomatch?: boolean;
}

/** An expectation of the whole run; one of the three is there. */
export interface CaseCheck {
  readonly prompt?: string;
  readonly log?: string;
  readonly fetch?: string;
}

export interface VoiceXmlCase {
  readonly id: string;
  /** Path below the base. */
  readonly start: string;
  readonly inputs: readonly CaseInput[];
  readonly expect: "pass" | "exit";
  readonly checks: readonly CaseCheck[];
}

/** The cases of a `cases.json` that a program can judge. Throws when it is not such a file. */
export function readVoiceXmlCases(text: string): VoiceXmlCase[] {
  const cases: unknown = JSON.parse(text);
  if (!Array.isArray(cases)) throw new Error("cases.json must be an array of cases");
  return cases
    .filter(({ status }) => status === "auto")
    .map(({ id, start, inputs, expect, checks }) => {
      if (typeof id !== "string" || typeof start !== "string")
        throw new Error(`a case needs id and start: ${JSON.stringify({ id, start })}`);
      if (expect !== "pass" && expect !== "exit") throw new Error(`${id}: expect must be pass or exit`);
      return { id, start, expect, inputs: inputs ?? [], checks: checks ?? [] };
    });
}

/**
 * The input that answers a request: of those whose `after` is found, the one found latest in the text; failing that,
 * one without `after`; failing that, none, which is silence. `types` are those that can answer this request.
 */
export function chooseInput(
  inputs: readonly CaseInput[],
  heard: string,
  types: readonly CaseInput["type"][],
): CaseInput | undefined {
  let chosen: CaseInput | undefined;
  let latest = [-1, -1];
  for (const input of inputs) {
    if (!types.includes(input.type) || (input.after ?? "") === "") continue;
    const place = lastMatch(input.after, heard);
    if (!place) continue;
    const [start, end] = place;
    const [latestStart = -1, latestEnd = -1] = latest;
    if (start < latestStart || (start === latestStart && end <= latestEnd)) continue;
    chosen = input;
    latest = [start, end];
  }
  // Among those for any moment, one made for this kind of request comes first.
  const anytime = inputs.filter((input) => types.includes(input.type) && (input.after ?? "") === "");
  const [preferred] = types;
  return chosen ?? anytime.find(({ type }) => type === preferred) ?? anytime[0];
}

/** Where the last match of an expression begins and ends. */
function lastMatch(expression: string, text: string): [start: number, end: number] | undefined {
  let last: [number, number] | undefined;
  for (const match of text.matchAll(new RegExp(expression, "g")))
    last = [match.index, match.index + match[0].length];
  return last;
}

/** What failed of a finished run's checks; undefined when nothing did. */
export function failedCheck(
  checks: readonly CaseCheck[],
  run: { readonly transcript: string; readonly logs: readonly string[]; readonly urls: readonly string[] },
): string | undefined {
  for (const { prompt, log, fetch } of checks) {
    if (prompt !== undefined && !new RegExp(prompt).test(run.transcript))
      return `no prompt matches /${prompt}/ in ${JSON.stringify(run.transcript)}`;
    if (log !== undefined && !matchesLines(new RegExp(log), run.logs))
      return `no log matches /${log}/ in ${JSON.stringify(run.logs)}`;
    if (fetch !== undefined && !run.urls.some((url) => new RegExp(fetch).test(url)))
      return `no request matches /${fetch}/ in ${JSON.stringify(run.urls)}`;
  }
  return undefined;
}

/** An expression may be about one line or span several. */
function matchesLines(expression: RegExp, lines: readonly string[]): boolean {
  return lines.some((line) => expression.test(line)) || expression.test(lines.join("\n"));
}
