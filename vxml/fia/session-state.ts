/** What one session knows: its scopes, prompts, documents and limits; and how it speaks to its host. */
import type { LoadedDocument, VxmlEvent } from "../completion.ts";
import type {
  FetchMethod,
  NoticeEffect,
  ProfileName,
  RequestEffect,
  SessionEnding,
  SessionVariables,
} from "../effects.ts";
import { MAX_STEPS_WITHOUT_INPUT, MAX_TRANSITIONS_WITHOUT_INPUT } from "../limits.ts";
import type { VxmlDocument } from "../model/document.ts";
import type { Grammar } from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";
import { profileDoes } from "../profiles.ts";
import { PromptQueue } from "../prompts/prompt-queue.ts";
import type { PropertyScope } from "../properties.ts";
import type { Sandbox } from "../scopes/sandbox.ts";
import { ScopeChain } from "../scopes/scope-chain.ts";

/** The interpreter's host. It may answer a request at once, from inside the call. */
export interface SessionHost {
  request(effect: RequestEffect): void;
  notice(effect: NoticeEffect): void;
  /** Called once; nothing follows it. */
  ended(ending: SessionEnding): void;
}

/** What a session starts from. */
export interface SessionStart {
  readonly profile: ProfileName;
  readonly start: {
    readonly uri: string;
    readonly method: FetchMethod;
    readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  };
  /** The initial tree behind `session`. */
  readonly variables: SessionVariables;
  /** Properties below those of every document: the deployment's defaults. */
  readonly properties?: Readonly<Record<string, string>>;
}

export class SessionState {
  readonly options: SessionStart;
  readonly host: SessionHost;
  readonly sandbox: Sandbox;
  readonly scopes: ScopeChain;
  readonly queue: PromptQueue;
  readonly fetchedGrammars = new Map<string, Grammar>();
  /** The document being interpreted. */
  document: VxmlDocument | undefined;
  /** Its root document; undefined while the document is its own root. */
  root: VxmlDocument | undefined;
  /** Nobody is on the line any more. */
  isDisconnected = false;
  /** It was the application that hung up. */
  disconnectedByUs = false;
  /** The caller left while nothing was waiting; the event is still to be thrown. */
  hangupIsPending = false;
  /** A phase's generator is on the stack: the sandbox may be in use. */
  isStepping = false;
  #recordCall: boolean | undefined;
  #steps = 0;
  #transitions = 0;

  constructor(options: SessionStart, host: SessionHost, sandbox: Sandbox) {
    this.options = options;
    this.host = host;
    this.sandbox = sandbox;
    this.scopes = new ScopeChain(sandbox);
    this.queue = new PromptQueue(options.profile);
    for (const [name, value] of Object.entries(options.variables)) this.scopes.putSession([name], value);
  }

  get profile(): ProfileName {
    return this.options.profile;
  }

  trace(step: string, position?: Position, data?: Record<string, unknown>): void {
    this.host.notice({
      type: "trace",
      entry: {
        step,
        document: this.document?.uri,
        line: position?.line,
        column: position?.column,
        data,
      },
    });
  }

  /** Before the caller hears or says something: tells the host when the property `recordcall` has changed. */
  noteRecordCall(properties: PropertyScope): void {
    if (!profileDoes(this.profile, "recordcallIsHeeded")) return;
    const text = properties.text("recordcall");
    const isOn = text === "true" ? true : text === "false" ? false : undefined;
    if (isOn === this.#recordCall) return;
    this.#recordCall = isOn;
    this.trace("record-call", undefined, { isOn });
    this.host.notice({ type: "recordCall", isOn });
  }

  /** Something came from outside: loops are counted anew. */
  inputArrived(): void {
    this.#steps = 0;
    this.#transitions = 0;
  }

  /** Counts a visit of a form item; an event when the document only turns in circles. */
  countStep(): VxmlEvent | undefined {
    if (++this.#steps <= MAX_STEPS_WITHOUT_INPUT) return undefined;
    return endless(`${MAX_STEPS_WITHOUT_INPUT} form items were visited without waiting for the caller`);
  }

  countTransition(): VxmlEvent | undefined {
    if (++this.#transitions <= MAX_TRANSITIONS_WITHOUT_INPUT) return undefined;
    return endless(`${MAX_TRANSITIONS_WITHOUT_INPUT} dialogs were entered without waiting for the caller`);
  }

  /** Opens the scopes for a document; what of the application may stay, stays (§1.5.2). */
  enterDocument(loaded: LoadedDocument): { needsRoot: boolean; needsDocument: boolean } {
    const { document, root } = loaded;
    if (loaded.isPreserved) {
      this.document = document;
      this.root = undefined;
      this.scopes.reenterRootDocument();
      return { needsRoot: false, needsDocument: false };
    }
    const before = this.root ?? this.document;
    this.document = document;
    if (!root) {
      this.root = undefined;
      this.scopes.enterRootDocument();
      return { needsRoot: false, needsDocument: true };
    }
    this.root = root;
    // The root document itself was running, or another leaf of it: its variables live on.
    if (before && before.uri === root.uri) {
      this.scopes.detachDocument();
      this.scopes.enterDocument();
      return { needsRoot: false, needsDocument: true };
    }
    this.scopes.enterApplication();
    return { needsRoot: true, needsDocument: true };
  }
}

function endless(message: string): VxmlEvent {
  return { name: "error.com.resource", message, isFatal: true };
}
