/** What executable content works on; the interpreter fills it in for each block, handler and filled. */
import type { NoticeEffect, ProfileName } from "../effects.ts";
import type { FormItem, VxmlDocument } from "../model/document.ts";
import type { Position } from "../model/xml-tree.ts";
import type { PromptQueue } from "../prompts/prompt-queue.ts";
import type { EnumeratedChoice } from "../prompts/rendering.ts";
import type { PropertyScope } from "../properties.ts";
import type { ScopeChain } from "../scopes/scope-chain.ts";

export interface ExecutionContext {
  readonly profile: ProfileName;
  readonly scopes: ScopeChain;
  readonly queue: PromptQueue;
  readonly properties: PropertyScope;
  readonly document: VxmlDocument;
  readonly root: VxmlDocument | undefined;
  /** Base of the document the content was written in, which may be the root document's. */
  readonly base: string;
  readonly items: readonly FormItem[];
  readonly choices: readonly EnumeratedChoice[];
  /** Whether a `<subdialog>` waits for what is returned. */
  readonly isSubdialog: boolean;
  /** The id of the recording a submitted text stands for. */
  recordingOf(text: string): string | undefined;
  notice(effect: NoticeEffect): void;
  trace(step: string, position?: Position, data?: Record<string, unknown>): void;
  /** Called before prompts are played: the properties in force may ask for the call's recording. */
  noteRecordCall(): void;
  /** `<reprompt>`: the next visit says its prompts again. */
  requestReprompt(): void;
  /** `<clear>`: also the counters of form items (§5.3.3). */
  resetCounters(item: FormItem): void;
  /** The caller is gone, or was hung up on. */
  isDisconnected(): boolean;
  markDisconnected(by: "caller" | "application"): void;
  /** `<disconnect namelist>`: kept for the session's ending, as JSON text. */
  keepDisconnectValue(json: string): void;
}
