/**
 * The scopes of one execution context: session, application, document, dialog, anonymous (VoiceXML 2.0 §5.1.2),
 * and everything that reads or writes variables through them. Expressions are compiled once per combination of
 * scopes and live as long as it does.
 *
 *   anonymous ─► dialog ─► document ─► application ─► session      names resolve along the arrows
 *
 * While a document runs that is its own root, document and application are one scope with two names.
 */
import { VxmlError } from "../errors.ts";
import { DATA_FUEL, MAX_VALUE_CHARACTERS, SCRIPT_FUEL } from "../limits.ts";
import { CompiledChains } from "./compiled-chains.ts";
import { DATA_DOM } from "./data-dom.ts";
import type { Sandbox } from "./sandbox.ts";
import { scopeDeclarations } from "./top-level-declarations.ts";

/** The scopes a document can declare variables in. */
export type ScopeName = "application" | "document" | "dialog" | "anonymous";

const SCOPE_NAMES: ReadonlySet<string> = new Set(["session", "application", "document", "dialog"]);

const IDENTIFIER = /^[\p{L}_$][\p{L}\p{Nd}_$]*$/u;
const VARIABLE_PATH =
  /^([\p{L}_$][\p{L}\p{Nd}_$]*)((?:\.[\p{L}_$][\p{L}\p{Nd}_$]*|\[(?:\d+|'[^'\\]*'|"[^"\\]*")\])*)$/u;

/** ECMA-262 §12.7.2; what sloppy code may not use as a name. */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if import in instanceof new null return super switch this throw true try typeof var void while with"
  ).split(" "),
);

/** Whether a text can name a variable. */
export function isVariableName(text: string): boolean {
  return IDENTIFIER.test(text) && !RESERVED_WORDS.has(text);
}

export class ScopeChain {
  readonly #sandbox: Sandbox;
  readonly #current: Record<ScopeName, string> = { application: "", document: "", dialog: "", anonymous: "" };
  readonly #compiled: CompiledChains;
  #hasLastResult = false;

  constructor(sandbox: Sandbox, compiled: CompiledChains = new CompiledChains(sandbox)) {
    this.#sandbox = sandbox;
    this.#compiled = compiled;
  }

  /** The scopes of another execution context in the same sandbox: they share the session's variables alone. */
  fork(): ScopeChain {
    return new ScopeChain(this.#sandbox, this.#compiled);
  }

  /** Opens a fresh application scope; what the old one held is gone. */
  enterApplication(): void {
    this.leave("application");
    // The root document may be entered itself later; a leaf's own scope hides the second name until then.
    this.#current.application = this.#compiled.newScope(["application", "document"]);
  }

  /** Opens the document scope of a leaf. */
  enterDocument(): void {
    this.leave("document");
    this.#current.document = this.#compiled.newScope(["document"]);
  }

  /** Opens one scope that is both: for a document that is its own root. */
  enterRootDocument(): void {
    this.leave("application");
    const scope = this.#compiled.newScope(["application", "document"]);
    this.#current.application = scope;
    this.#current.document = scope;
  }

  /** Goes on in the root document itself: its application scope is its document scope again. */
  reenterRootDocument(): void {
    this.leave("document");
    this.#current.document = this.#current.application;
  }

  /** Leaves a root document for one of its leaves: the application scope stays. */
  detachDocument(): void {
    this.leave("dialog");
    if (this.#current.document !== this.#current.application) this.leave("document");
    this.#current.document = "";
  }

  enterDialog(): void {
    this.leave("dialog");
    this.#current.dialog = this.#compiled.newScope(["dialog"]);
  }

  /** Opens the scope of a block, filled or handler; returns what `leaveAnonymous` needs. */
  enterAnonymous(): string {
    const outer = this.#current.anonymous;
    this.#current.anonymous = this.#compiled.newScope([]);
    return outer;
  }

  leaveAnonymous(outer: string): void {
    this.#compiled.dropScope(this.#current.anonymous);
    this.#current.anonymous = outer;
  }

  /** Closes a scope and those inside it. */
  leave(scope: ScopeName): void {
    const inside: Record<ScopeName, readonly ScopeName[]> = {
      application: ["anonymous", "dialog", "document", "application"],
      document: ["anonymous", "dialog", "document"],
      dialog: ["anonymous", "dialog"],
      anonymous: ["anonymous"],
    };
    for (const name of inside[scope]) {
      const id = this.#current[name];
      const isShared = name === "document" && id === this.#current.application;
      if (id !== "" && !isShared) this.#compiled.dropScope(id);
      this.#current[name] = "";
    }
  }

  /** Declares variables, undefined when they are new. */
  declare(scope: ScopeName, names: readonly string[]): void {
    this.#sandbox.call("declare", [this.#owner(scope), JSON.stringify(names)]);
  }

  /** Declares and gives a value: `<var>` (§5.3.1). */
  declareWithValue(scope: ScopeName, name: string, expression: string): void {
    if (!isVariableName(name))
      throw new VxmlError("VXML_SCRIPT_FAILED", `"${name}" cannot name a variable`, { details: { name } });
    this.declare(scope, [name]);
    this.#sandbox.call("run", [this.#compile(`(()=>{${name}=(${expression}\n)})`, expression)]);
  }

  /** Puts a value of the host's into a scope: form item variables, `_event`, … Undefined is allowed. */
  put(scope: ScopeName, name: string, value: unknown): void {
    this.#sandbox.call("put", [this.#owner(scope), name, value === undefined ? "" : JSON.stringify(value)]);
  }

  /** Puts the DOM of a `DataTree` into a scope (VoiceXML 2.1 Appendix D); see `data-dom.ts`. */
  putData(scope: ScopeName, name: string, tree: object): void {
    const owner = this.#owner(scope);
    if (this.#sandbox.callNumber("hasDom", []) === 0)
      this.#sandbox.call("installDom", [DATA_DOM], SCRIPT_FUEL);
    this.#sandbox.call("putData", [owner, name, JSON.stringify(tree)], DATA_FUEL);
  }

  /** Evaluates here and keeps the value, objects as they are, for `putHeld` of any scope chain of the session. */
  hold(expression: string): number {
    return this.#sandbox.callNumber(
      "hold",
      [this.#compile(`(()=>(${expression}\n))`, expression)],
      SCRIPT_FUEL,
    );
  }

  /** Puts a held value into a scope; it is held no longer. */
  putHeld(scope: ScopeName, name: string, held: number): void {
    this.#sandbox.call("putHeld", [this.#owner(scope), name, held]);
  }

  /** `<assign>` (§5.3.2): the variable must be declared, and not the session's. */
  assign(path: string, expression: string): void {
    const match = VARIABLE_PATH.exec(path);
    const root = match?.[1];
    if (!match || root === undefined)
      throw new VxmlError("VXML_SCRIPT_FAILED", `"${path}" cannot be assigned to`, { details: { path } });
    const [, second] = path.split(".");
    const isScoped = SCOPE_NAMES.has(root) && second !== undefined;
    if (root === "session" || (SCOPE_NAMES.has(root) && !isScoped))
      throw new VxmlError("VXML_SCRIPT_FAILED", `"${path}" is read-only`, { details: { path } });
    const isDeclared = isScoped ? this.#isDeclaredIn(root as ScopeName, second) : this.isDeclared(root);
    if (!isDeclared)
      throw new VxmlError("VXML_SCRIPT_FAILED", `the variable "${path}" is not declared`, {
        details: { path },
      });
    this.#sandbox.call("run", [this.#compile(`(()=>{${path}=(${expression}\n)})`, expression)], SCRIPT_FUEL);
  }

  /** Whether some scope holds the name. */
  isDeclared(name: string): boolean {
    return this.#ownerOf(this.#scopeIds(), name) !== "";
  }

  /** The value as the host sees it: JSON data; functions and undefined are undefined. */
  evaluate(expression: string): unknown {
    const json = this.#sandbox.callText("json", [this.#compile(`(()=>(${expression}\n))`, expression)]);
    if (json.length > MAX_VALUE_CHARACTERS)
      throw new VxmlError(
        "VXML_SCRIPT_EXHAUSTED",
        `the value is longer than ${MAX_VALUE_CHARACTERS} characters`,
      );
    return json === "" ? undefined : (JSON.parse(json) as unknown);
  }

  /** The value as text, as ECMAScript would print it. */
  text(expression: string): string {
    return this.#sandbox.callText("text", [this.#compile(`(()=>(${expression}\n))`, expression)]);
  }

  /** Whether the value counts as true. */
  isTrue(expression: string): boolean {
    const literal = expression.trim();
    if (literal === "true") return true;
    if (literal === "false") return false;
    return this.#sandbox.callNumber("truth", [this.#compile(`(()=>(${expression}\n))`, expression)]) === 1;
  }

  /** Runs a `<script>` whose declarations belong to the scope (§5.3.12). */
  runScript(scope: ScopeName, source: string): void {
    const script = scopeDeclarations(source);
    if (script.names.length > 0) this.declare(scope, script.names);
    this.#sandbox.call("run", [this.#compile(`(()=>{${script.code}\n})`, source)], SCRIPT_FUEL);
  }

  /** Sets `application.lastresult$` (§5.1.5). */
  putLastResult(results: readonly object[]): void {
    this.#hasLastResult = true;
    this.#sandbox.call("putLastResult", [this.#owner("application"), JSON.stringify(results)]);
  }

  /** Undefined again: a waiting state begins (§5.1.5). */
  clearLastResult(): void {
    if (!this.#hasLastResult) return;
    this.#hasLastResult = false;
    this.put("application", "lastresult$", undefined);
  }

  /** Sets one path of the session's variables, live for every script (§5.1.4). */
  putSession(path: readonly string[], value: unknown): void {
    this.#sandbox.call("putSession", [
      JSON.stringify(path),
      value === undefined ? "" : (JSON.stringify(value) ?? ""),
    ]);
  }

  /** Seeds `Math.random`: sandboxes start from one image and would all draw the same numbers. */
  seedRandom(seed: number): void {
    this.#sandbox.call("seedRandom", [seed]);
  }

  /** Evaluates semantic tags in a scope of their own, away from the document's variables. */
  evaluateApart(body: string): unknown {
    const json = this.#sandbox.callText(
      "json",
      [this.#compiled.compile(["session", "", "", "", ""], `(()=>{${body}\n})`, body)],
      SCRIPT_FUEL,
    );
    return json === "" ? undefined : (JSON.parse(json) as unknown);
  }

  #owner(scope: ScopeName): string {
    const id = this.#current[scope];
    if (id !== "") return id;
    // Content that has no scope of its own, such as a block without variables, uses the next one outside.
    if (scope === "anonymous") return this.#owner("dialog");
    if (scope === "dialog") return this.#owner("document");
    if (scope === "document" && this.#current.application !== "") return this.#current.application;
    throw new VxmlError("VXML_SCRIPT_FAILED", `there is no ${scope} scope here`);
  }

  #scopeIds(): string[] {
    const { application, document, dialog, anonymous } = this.#current;
    return ["session", application, document, dialog, anonymous];
  }

  #isDeclaredIn(scope: ScopeName, name: string): boolean {
    const id = this.#current[scope];
    return id !== "" && this.#ownerOf([id], name) !== "";
  }

  #ownerOf(ids: readonly string[], name: string): string {
    return this.#sandbox.callText("ownerOf", [JSON.stringify(ids.filter((id) => id !== "")), name]);
  }

  /** `shown` is the text the author wrote, for the message. */
  #compile(source: string, shown: string): number {
    return this.#compiled.compile(this.#scopeIds(), source, shown);
  }
}
