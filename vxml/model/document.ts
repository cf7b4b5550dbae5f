/** A VoiceXML document as plain data: what the parser makes and everything else reads. Never changed afterwards. */

import type {
  DataElement,
  Executable,
  GotoElement,
  ScriptElement,
  Submission,
  TextSource,
  ThrowElement,
  UriSource,
} from "./executable.ts";
import type { Grammar } from "./grammar.ts";
import type { FetchAttributes, Prompt, PromptContent } from "./prompt.ts";
import type { Position } from "./xml-tree.ts";

export interface VxmlDocument {
  /** Absolute URI it was read from, without fragment. */
  readonly uri: string;
  /** What its relative URIs refer to. */
  readonly base: string;
  readonly language?: string;
  /** Absolute URI of the root document; absent: it is its own root. */
  readonly application?: string;
  readonly properties: readonly Property[];
  /** `<var>`, `<script>` and `<data>` in document order. */
  readonly declarations: readonly Declaration[];
  readonly handlers: readonly Handler[];
  readonly links: readonly Link[];
  readonly dialogs: readonly Dialog[];
}

export interface Property extends Position {
  readonly name: string;
  readonly value: string;
}

export type Declaration =
  | ({ readonly kind: "var"; readonly name: string; readonly expression?: string } & Position)
  | ScriptElement
  | DataElement;

/** A `<catch>` or one of its shorthands (§5.2.2). */
export interface Handler extends Position {
  /** Event names; empty: every event. */
  readonly events: readonly string[];
  /** 1 when not given. */
  readonly count: number;
  readonly condition?: string;
  readonly body: readonly Executable[];
}

/** A form; a menu is a form with one field of kind "menu" (§2.2). */
export interface Dialog extends Position {
  readonly id?: string;
  readonly kind: "form" | "menu";
  readonly scope: "dialog" | "document";
  readonly properties: readonly Property[];
  /** What initialization declares, in document order: variables, scripts, items by index into `items`. */
  readonly initialization: readonly (Declaration | { readonly kind: "item"; readonly index: number })[];
  readonly items: readonly FormItem[];
  readonly grammars: readonly GrammarSource[];
  readonly links: readonly Link[];
  readonly handlers: readonly Handler[];
  readonly filled: readonly Filled[];
}

/** What all form items have (§2.3). */
export interface FormItemBase extends Position {
  /** The author's name, or one no script can meet. */
  readonly name: string;
  readonly isNamed: boolean;
  readonly expression?: string;
  readonly condition?: string;
}

export interface Block extends FormItemBase {
  readonly kind: "block";
  readonly body: readonly Executable[];
}

/** What all input items have. */
export interface InputItemBase extends FormItemBase {
  readonly prompts: readonly Prompt[];
  readonly handlers: readonly Handler[];
  readonly filled: readonly Filled[];
  readonly properties: readonly Property[];
}

export interface Field extends InputItemBase {
  readonly kind: "field";
  readonly slot: string;
  readonly isModal: boolean;
  readonly grammars: readonly GrammarSource[];
  readonly options: readonly Option[];
  /** Only in a menu. */
  readonly choices: readonly Choice[];
  readonly links: readonly Link[];
}

export interface Initial extends FormItemBase {
  readonly kind: "initial";
  readonly prompts: readonly Prompt[];
  readonly links: readonly Link[];
  readonly handlers: readonly Handler[];
  readonly properties: readonly Property[];
}

/** `<param>` (§6.4); a literal value is an expression too. */
export interface Param extends Position {
  readonly name: string;
  readonly expression: string;
}

/** `<subdialog>` (§2.3.4). */
export interface Subdialog extends InputItemBase {
  readonly kind: "subdialog";
  readonly uri: UriSource;
  readonly submission: Submission;
  readonly params: readonly Param[];
  readonly fetch: FetchAttributes;
}

/** `<object>` (§2.3.5). */
export interface ObjectItem extends InputItemBase {
  readonly kind: "object";
  readonly params: readonly Param[];
}

/** `<record>` (§2.3.6). Milliseconds; what is not given is the platform's. */
export interface RecordItem extends InputItemBase {
  readonly kind: "record";
  readonly isModal: boolean;
  readonly beep: boolean;
  readonly maxTimeMs?: number;
  readonly finalSilenceMs?: number;
  readonly isEndedByAnyKey: boolean;
  readonly mediaType?: string;
  readonly grammars: readonly GrammarSource[];
}

/** `<transfer>` (§2.3.7, VoiceXML 2.1 §9). */
export interface Transfer extends InputItemBase {
  readonly kind: "transfer";
  /** Absent: the profile's default. */
  readonly transferKind?: "bridge" | "blind" | "consultation";
  readonly destination: UriSource;
  readonly connectTimeoutMs?: number;
  readonly maxTimeMs?: number;
  readonly audio?: string;
  readonly applicationData?: TextSource;
  readonly grammars: readonly GrammarSource[];
}

/** Items that bring a value from outside; the others control the flow. */
export type InputItem = Field | Subdialog | ObjectItem | RecordItem | Transfer;

export type FormItem = Block | Initial | InputItem;

export function isInputItem(item: FormItem): item is InputItem {
  return item.kind !== "block" && item.kind !== "initial";
}

/** `<filled>` (§2.4). */
export interface Filled extends Position {
  readonly mode: "all" | "any";
  /** Undefined: the item it stands in, or all input items of the form. */
  readonly names?: readonly string[];
  readonly body: readonly Executable[];
}

/** Where a link or choice leads (§2.5, §2.2.2). */
export type LinkAction = GotoElement | ThrowElement;

export interface Link extends Position {
  readonly grammars: readonly GrammarSource[];
  readonly action: LinkAction;
}

export interface Choice extends Position {
  readonly dtmf?: string;
  /** The text between the tags, for `<enumerate>` and as a grammar of words. */
  readonly content: readonly PromptContent[];
  readonly grammars: readonly GrammarSource[];
  readonly action: LinkAction;
}

/** `<option>` (§2.3.1.3). */
export interface Option extends Position {
  readonly dtmf?: string;
  readonly content: readonly PromptContent[];
  readonly value: string;
  readonly grammars: readonly GrammarSource[];
}

/** A grammar as the document names it. */
export type GrammarSource = Position & {
  readonly scope?: "dialog" | "document";
} & (
    | { readonly kind: "inline"; readonly grammar: Grammar }
    | {
        readonly kind: "external";
        readonly uri: UriSource;
        readonly mode: "dtmf" | "voice";
        readonly type?: string;
        readonly fetch: FetchAttributes;
      }
    | { readonly kind: "built-in"; readonly reference: string }
  );
