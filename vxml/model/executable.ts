/** Executable content (VoiceXML 2.0 §5.3) as plain data; every node knows where it stood. */
import type { FetchAttributes, Prompt } from "./prompt.ts";
import type { Position } from "./xml-tree.ts";

/** A URI given as text or computed. */
export type UriSource =
  | { readonly kind: "literal"; readonly uri: string }
  | { readonly kind: "expression"; readonly expression: string };

/** A text given as such or computed: event names, messages. */
export type TextSource =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "expression"; readonly expression: string };

export type Executable = Position &
  (
    | { readonly kind: "var"; readonly name: string; readonly expression?: string }
    | { readonly kind: "assign"; readonly name: string; readonly expression: string }
    | { readonly kind: "clear"; readonly names: readonly string[] }
    | ScriptElement
    | DataElement
    | ReturnElement
    | {
        readonly kind: "if";
        /** In order; the last may have no condition. */
        readonly branches: readonly {
          readonly condition?: string;
          readonly body: readonly Executable[];
          readonly position: Position;
        }[];
      }
    | {
        readonly kind: "foreach";
        readonly item: string;
        readonly array: string;
        readonly body: readonly Executable[];
      }
    | { readonly kind: "prompt"; readonly prompt: Prompt }
    | { readonly kind: "reprompt" }
    | ThrowElement
    | GotoElement
    | SubmitElement
    | { readonly kind: "exit"; readonly expression?: string; readonly names: readonly string[] }
    | { readonly kind: "disconnect"; readonly names: readonly string[] }
    | {
        readonly kind: "log";
        readonly label?: string;
        readonly expression?: string;
        readonly content: readonly TextSource[];
      }
  );

export interface ScriptElement extends Position {
  readonly kind: "script";
  /** Inline source, or where it comes from. */
  readonly source: { readonly kind: "inline"; readonly code: string } | UriSource;
  readonly fetch: FetchAttributes;
}

export interface ThrowElement extends Position {
  readonly kind: "throw";
  readonly event: TextSource;
  readonly message?: TextSource;
}

export interface GotoElement extends Position {
  readonly kind: "goto";
  readonly target:
    | { readonly kind: "dialog"; readonly uri: UriSource }
    | { readonly kind: "item"; readonly name: TextSource };
  readonly fetch: FetchAttributes;
}

/** What is sent with a request: of `<submit>`, `<subdialog>`, `<data>`. */
export interface Submission {
  readonly method: "GET" | "POST";
  /** Absent: the element's default. */
  readonly names?: readonly string[];
  readonly enctype: string;
  /** The plum profile's `method="raw"`: the body, computed. */
  readonly rawExpression?: string;
}

export interface SubmitElement extends Position {
  readonly kind: "submit";
  readonly uri: UriSource;
  readonly submission: Submission;
  readonly fetch: FetchAttributes;
}

/** `<return>` (§5.3.10): values, or an event thrown where the subdialog was called. */
export interface ReturnElement extends Position {
  readonly kind: "return";
  readonly names: readonly string[];
  readonly event?: TextSource;
  readonly message?: TextSource;
}

/** `<data>` (VoiceXML 2.1 §5). */
export interface DataElement extends Position {
  readonly kind: "data";
  /** Absent: the answer is of no interest. */
  readonly name?: string;
  readonly uri: UriSource;
  readonly submission: Submission;
  /** The plum profile's; `application/json` makes the answer a JSON value. */
  readonly accept?: string;
  /** The plum profile's: a JSON object of further request headers. */
  readonly headers?: string;
  readonly fetch: FetchAttributes;
}
