/** What is sent with a request: of `<submit>`, `<subdialog>` and `<data>` (VoiceXML 2.0 §5.3.8, 2.1 §5). */
import type { FetchRequest } from "../effects.ts";
import type { Submission } from "../model/executable.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { submissionFields } from "./values.ts";

type Content = Pick<FetchRequest, "method" | "fields" | "recordings" | "body" | "enctype">;

/** `names` are those the element sends, by name or by its default. */
export function submissionContent(
  submission: Submission,
  names: readonly string[],
  context: ExecutionContext,
): Content {
  const { method, enctype, rawExpression } = submission;
  if (rawExpression !== undefined)
    return {
      method: "POST",
      body: context.scopes.text(rawExpression),
      enctype: enctype.includes("form") ? "application/xml" : enctype,
    };
  const fields = submissionFields(names, context.scopes);
  // §5.3.8 leaves open how a recording is sent in another encoding: its name is.
  if (method === "GET" || !enctype.startsWith("multipart/")) return { method, fields, enctype };
  const recordings = fields.flatMap(([name, value]): [string, string][] => {
    const id = context.recordingOf(value);
    return id === undefined ? [] : [[name, id]];
  });
  if (recordings.length === 0) return { method, fields, enctype };
  return {
    method,
    fields: fields.filter(([, value]) => context.recordingOf(value) === undefined),
    recordings,
    enctype,
  };
}
