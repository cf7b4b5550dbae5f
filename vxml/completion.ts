/**
 * How a piece of interpretation ends, as data: nothing jumps by exceptions. And the type of everything that may
 * have to wait for the host on the way: a generator of effects.
 */
import type {
  CollectResult,
  FetchResult,
  PlayResult,
  RecordResult,
  RequestEffect,
  TransferResult,
} from "./effects.ts";
import type { Choice, Dialog, VxmlDocument } from "./model/document.ts";
import type { Position } from "./model/xml-tree.ts";

/** What the host answers. */
export type HostResult = FetchResult | CollectResult | PlayResult | RecordResult | TransferResult;

/** Work that yields requests to the host and is resumed with the answers. */
export type Steps<T> = Generator<RequestEffect, T, HostResult>;

/** A VoiceXML event on its way to a handler (§5.2). */
export interface VxmlEvent {
  readonly name: string;
  readonly message?: string;
  /** Where it was thrown, when an element threw it. */
  readonly position?: Position;
  /** Nobody may catch it: the session cannot go on. */
  readonly isFatal?: boolean;
}

/** A document with its root, fetched and parsed, ready to be entered. */
export interface LoadedDocument {
  readonly document: VxmlDocument;
  /** Absent: the document is its own root. */
  readonly root?: VxmlDocument;
  /** The root document that is there already: neither fetched nor initialized again (§1.5.2). */
  readonly isPreserved?: boolean;
}

/** Where a transition leads. */
export interface TransitionTarget {
  /** Absent: another dialog of the current document. */
  readonly loaded?: LoadedDocument;
  /** Absent: the first dialog. */
  readonly dialogId?: string;
  /** The dialog itself, which need not have an id; decides before `dialogId`. */
  readonly dialog?: Dialog;
  readonly via: "goto" | "submit" | "link" | "choice" | "grammar" | "subdialog";
  /** Values held in the sandbox for the `<var>` elements of the dialog (§2.3.4). */
  readonly params?: ReadonlyMap<string, number>;
  /** What was said to the dialog's own grammar from elsewhere (§2.1.6). */
  readonly carried?: CarriedResult;
}

/** A recognition that decided a transition and is processed by the dialog it leads to. */
export interface CarriedResult {
  readonly interpretation: unknown;
  readonly utterance: string;
  readonly inputMode: "dtmf" | "voice";
  readonly confidence: number;
  /** Further properties of the result: marks, the recording. */
  readonly circumstances?: Readonly<Record<string, unknown>>;
  /** Of a menu: the choice it made. */
  readonly choice?: Choice;
}

export type Completion =
  | { readonly type: "normal" }
  | { readonly type: "event"; readonly event: VxmlEvent }
  | { readonly type: "transition"; readonly target: TransitionTarget }
  /** `<goto nextitem>`. */
  | { readonly type: "item"; readonly name: string }
  /** `<exit>`; the value as JSON text. */
  | { readonly type: "exit"; readonly value?: string }
  /** `<return>`: an object held in the sandbox. */
  | { readonly type: "return"; readonly held: number; readonly event?: undefined }
  /** `<return event>`: thrown where the subdialog was called. */
  | { readonly type: "return"; readonly event: VxmlEvent };

export const NORMAL: Completion = { type: "normal" };

export function thrown(name: string, message?: string, position?: Position): Completion {
  return { type: "event", event: { name, message, position } };
}
