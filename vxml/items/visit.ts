/**
 * A visit of a form item (VoiceXML 2.0 Appendix C, collect phase): what an item works on, and what its visit can
 * bring. The interpreter fills the first in and processes the second.
 */
import { type Completion, type Steps, type TransitionTarget, thrown, type VxmlEvent } from "../completion.ts";
import type { ActiveGrammar, CollectResult, QueuedPrompt } from "../effects.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import type { Choice, Dialog, FormItem, Link, VxmlDocument } from "../model/document.ts";
import type { Grammar } from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";

/** What a match of a grammar leads to. */
export type GrammarMeaning =
  | { readonly kind: "item" }
  | { readonly kind: "option"; readonly value: string }
  | { readonly kind: "choice"; readonly choice: Choice }
  | { readonly kind: "link"; readonly link: Link; readonly document: VxmlDocument }
  /** A command the platform knows by itself, such as `help` (§6.3.6). */
  | { readonly kind: "universal"; readonly event: string }
  | { readonly kind: "form" }
  /** Of another dialog; of a menu, the choice that was made. */
  | {
      readonly kind: "dialog";
      readonly dialog: Dialog;
      readonly document: VxmlDocument;
      readonly choice?: Choice;
    };

export interface ListeningGrammar extends ActiveGrammar {
  readonly rules: Grammar;
  readonly meaning: GrammarMeaning;
}

export type Listening =
  | { readonly ok: true; readonly grammars: readonly ListeningGrammar[] }
  | { readonly ok: false; readonly event: VxmlEvent };

export interface ItemVisit {
  readonly context: ExecutionContext;
  /** How many subdialogs are open around this item. */
  readonly depth: number;
  /** Queues the item's prompts, unless a handler did not ask for them again. */
  queuePrompts(): void;
  /** The grammars that listen at this item. */
  listen(): Steps<Listening>;
  /** Everything queued, when the caller is about to hear it, and the last prompt's own timeout. */
  takePrompts(): { readonly prompts: readonly QueuedPrompt[]; readonly timeoutMs: number | undefined };
  /** Puts prompts back: they have not been heard. */
  returnPrompts(prompts: readonly QueuedPrompt[]): void;
  /** The event of a caller who left meanwhile, once. */
  takePendingHangup(): VxmlEvent | undefined;
  /** The caller did something: loops are counted anew. */
  inputArrived(): void;
  /** The host keeps a recording. */
  keepRecording(recordingId: string): void;
}

/** A subdialog to be run: what the collect phase prepared (§2.3.4). */
export interface SubdialogCall {
  readonly target: TransitionTarget;
}

/** A value that came from outside, with the shadow variables beside it. */
export interface Outcome {
  /** Undefined leaves the item unfilled. */
  readonly value: unknown;
  readonly shadow: Readonly<Record<string, unknown>>;
  /** What the caller said or keyed to end it, for `application.lastresult$`. */
  readonly input?: {
    readonly result: CollectResult & { type: "match" };
    readonly grammars: readonly ListeningGrammar[];
  };
}

/** What the collect phase brought. */
export type Collected =
  | { readonly kind: "completion"; readonly completion: Completion }
  | {
      readonly kind: "match";
      readonly result: CollectResult & { type: "match" };
      readonly grammars: readonly ListeningGrammar[];
    }
  | ({ readonly kind: "outcome" } & Outcome)
  | { readonly kind: "subdialog"; readonly call: SubdialogCall }
  /** The subdialog returned an object, held in the sandbox. */
  | { readonly kind: "returned"; readonly held: number }
  /** An item that needs the caller, in a session that has none: it ends (§1.5.4). */
  | { readonly kind: "nobody" };

/** An event as what a visit brought. */
export function collectedEvent(name: string, message: string | undefined, position: Position): Collected {
  return { kind: "completion", completion: thrown(name, message, position) };
}

/** As `collectedEvent`, of an event there is already. */
export function collectedThrow(event: VxmlEvent, item: FormItem): Collected {
  return { kind: "completion", completion: { type: "event", event: { position: item, ...event } } };
}
