/**
 * What one execution context knows: its scopes and documents; and with the others of its session the prompts, the
 * caller and the host. A session has one, and one more for every subdialog that runs (VoiceXML 2.0 §2.3.4).
 */
import type { LoadedDocument } from "../completion.ts";
import type {
  FetchMethod,
  NoticeEffect,
  ProfileName,
  RequestEffect,
  SessionEnding,
  SessionVariables,
} from "../effects.ts";
import type { VxmlDocument } from "../model/document.ts";
import type { Position } from "../model/xml-tree.ts";
import { profileDoes } from "../profiles.ts";
import { PromptQueue } from "../prompts/prompt-queue.ts";
import type { PropertyScope } from "../properties.ts";
import type { Sandbox } from "../scopes/sandbox.ts";
import { ScopeChain } from "../scopes/scope-chain.ts";
import { SharedState } from "./shared-state.ts";

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
  /** Told of every transition of the machines, for a debugger. Events hold references; project before keeping. */
  readonly inspect?: (event: unknown) => void;
}

export class SessionState {
  readonly options: SessionStart;
  readonly host: SessionHost;
  readonly sandbox: Sandbox;
  readonly scopes: ScopeChain;
  readonly queue: PromptQueue;
  readonly shared: SharedState;
  /** The context whose `<subdialog>` this one runs; undefined: the session's first. */
  readonly caller: SessionState | undefined;
  /** How many contexts wait for this one. */
  readonly depth: number;
  /** The document being interpreted. */
  document: VxmlDocument | undefined;
  /** Its root document; undefined while the document is its own root. */
  root: VxmlDocument | undefined;

  private constructor(
    parts: Pick<SessionState, "options" | "host" | "sandbox" | "scopes" | "queue" | "shared">,
    caller?: SessionState,
  ) {
    this.options = parts.options;
    this.host = parts.host;
    this.sandbox = parts.sandbox;
    this.scopes = parts.scopes;
    this.queue = parts.queue;
    this.shared = parts.shared;
    this.caller = caller;
    this.depth = caller ? caller.depth + 1 : 0;
    this.shared.innermost = this.scopes;
  }

  /** A session's first execution context. */
  static first(options: SessionStart, host: SessionHost, sandbox: Sandbox): SessionState {
    const scopes = new ScopeChain(sandbox);
    for (const [name, value] of Object.entries(options.variables)) scopes.putSession([name], value);
    const queue = new PromptQueue(options.profile);
    return new SessionState({ options, host, sandbox, scopes, queue, shared: new SharedState() });
  }

  /** The context of a subdialog: no document, no variables yet; the same caller on the line (§2.3.4). */
  openSubdialog(): SessionState {
    const { options, host, sandbox, queue, shared } = this;
    return new SessionState({ options, host, sandbox, queue, shared, scopes: this.scopes.fork() }, this);
  }

  /** The context is over: its variables are gone. */
  close(): void {
    this.shared.innermost = this.caller?.scopes;
    if (!this.sandbox.isPoisoned) this.scopes.leave("application");
  }

  get isDisconnected(): boolean {
    return this.shared.isDisconnected;
  }

  set isDisconnected(value: boolean) {
    this.shared.isDisconnected = value;
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
    if (isOn === this.shared.recordCall) return;
    this.shared.recordCall = isOn;
    this.trace("record-call", undefined, { isOn });
    this.host.notice({ type: "recordCall", isOn });
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
