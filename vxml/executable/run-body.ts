/**
 * Runs executable content in order (VoiceXML 2.0 §5.3) until something other than its end is reached: an event, a
 * transition, an exit. A script's failure becomes the event of the element it happened in.
 */
import { type Completion, NORMAL, type Steps, thrown } from "../completion.ts";
import { MAX_LOG_CHARACTERS } from "../limits.ts";
import type { Executable, ReturnElement, ScriptElement } from "../model/executable.ts";
import { renderPrompt } from "../prompts/rendering.ts";
import { fetchText } from "../resources/loading.ts";
import { getRequest } from "../resources/request.ts";
import { resolveUri } from "../resources/uri.ts";
import { isVariableName, type ScopeName } from "../scopes/scope-chain.ts";
import { eventOfFailure } from "../script-failure.ts";
import { runData } from "./data.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { runGoto, runSubmit, textOf, uriTextOf } from "./transitions.ts";
import { namedValues } from "./values.ts";

/** LIMIT: rounds of one `<foreach>`. */
const MAX_ROUNDS = 10_000;

/** Runs a block's, filled's or handler's content in an anonymous scope of its own where it declares anything. */
export function* runInOwnScope(body: readonly Executable[], context: ExecutionContext): Steps<Completion> {
  if (!body.some(declares)) return yield* runBody(body, context);
  const outer = context.scopes.enterAnonymous();
  try {
    return yield* runBody(body, context);
  } finally {
    context.scopes.leaveAnonymous(outer);
  }
}

export function* runBody(body: readonly Executable[], context: ExecutionContext): Steps<Completion> {
  for (const element of body) {
    let completion: Completion;
    try {
      completion = yield* runElement(element, context);
    } catch (error) {
      completion = { type: "event", event: eventOfFailure(error, element) };
    }
    if (completion.type !== "normal") return completion;
  }
  return NORMAL;
}

/** Whether running it needs a scope to declare in. */
function declares(element: Executable): boolean {
  if (element.kind === "if") return element.branches.some((branch) => branch.body.some(declares));
  return (
    element.kind === "var" ||
    element.kind === "script" ||
    element.kind === "foreach" ||
    (element.kind === "data" && element.name !== undefined)
  );
}

function* runElement(element: Executable, context: ExecutionContext): Steps<Completion> {
  const { scopes } = context;
  switch (element.kind) {
    case "var":
      if (element.expression !== undefined)
        scopes.declareWithValue("anonymous", element.name, element.expression);
      else if (isVariableName(element.name)) scopes.put("anonymous", element.name, undefined);
      else return thrown("error.semantic", `"${element.name}" cannot name a variable`, element);
      return NORMAL;
    case "assign":
      scopes.assign(element.name, element.expression);
      return NORMAL;
    case "clear":
      return runClear(element, context);
    case "script":
      return yield* runScript(element, "anonymous", context);
    case "if":
      for (const branch of element.branches)
        if (branch.condition === undefined || scopes.isTrue(branch.condition))
          return yield* runBody(branch.body, context);
      return NORMAL;
    case "foreach":
      return yield* runForeach(element, context);
    case "prompt":
      if (element.prompt.condition !== undefined && !scopes.isTrue(element.prompt.condition)) return NORMAL;
      context.queue.push(
        renderPrompt(element.prompt, { ...context, language: context.document.language }),
        element.prompt.timeoutMs,
      );
      return NORMAL;
    case "reprompt":
      context.requestReprompt();
      return NORMAL;
    case "throw": {
      const name = textOf(element.event, context).trim();
      const message = element.message && textOf(element.message, context);
      return thrown(name === "" ? "error.semantic" : name, message, element);
    }
    case "goto":
      return yield* runGoto(element, context);
    case "submit":
      return yield* runSubmit(element, context);
    case "exit": {
      const value =
        element.expression === undefined
          ? element.names.length > 0
            ? namedValues(element.names, scopes)
            : undefined
          : JSON.stringify(scopes.evaluate(element.expression));
      context.trace("exit", element, value === undefined ? undefined : { value });
      return { type: "exit", value };
    }
    case "disconnect":
      return yield* runDisconnect(element, context);
    case "log": {
      const text = element.content.map((part) => textOf(part, context)).join("");
      const computed = element.expression === undefined ? "" : scopes.text(element.expression);
      const line = [text.trim(), computed].filter((part) => part !== "").join(" ");
      context.notice({ type: "log", label: element.label, text: line.slice(0, MAX_LOG_CHARACTERS) });
      return NORMAL;
    }
    case "data":
      return yield* runData(element, "anonymous", context);
    case "return":
      return runReturn(element, context);
  }
}

/** `<return>` (§5.3.10): the caller's handlers, or its item, take over from here. */
function runReturn(element: ReturnElement, context: ExecutionContext): Completion {
  const { scopes } = context;
  if (!context.isSubdialog)
    return thrown("error.semantic", "<return> is executed outside of a subdialog", element);
  if (element.event) {
    const name = textOf(element.event, context).trim();
    const message = element.message && textOf(element.message, context);
    context.trace("return", element, { event: name });
    return { type: "return", event: { name: name === "" ? "error.semantic" : name, message } };
  }
  context.trace("return", element, { names: element.names });
  const entries = element.names.map((name) => `[${JSON.stringify(name.split(".").pop())}]:(${name}\n)`);
  return { type: "return", held: scopes.hold(`{${entries.join(",")}}`) };
}

function runClear(element: Executable & { kind: "clear" }, context: ExecutionContext): Completion {
  // §5.3.3: without names all form items of the form.
  const names = element.names.length > 0 ? element.names : context.items.map((item) => item.name);
  for (const name of names) {
    context.scopes.assign(name, "undefined");
    const item = context.items.find((candidate) => candidate.name === name);
    if (item) context.resetCounters(item);
  }
  return NORMAL;
}

/** `<script>` (§5.3.12), also at the top of documents and forms. */
export function* runScript(
  element: ScriptElement,
  scope: ScopeName,
  context: ExecutionContext,
): Steps<Completion> {
  const { source } = element;
  if (source.kind === "inline") {
    context.scopes.runScript(scope, source.code);
    return NORMAL;
  }
  const reference = uriTextOf(source, context);
  const uri = resolveUri(reference, context.base);
  if (uri === undefined) return thrown("error.badfetch", `"${reference}" is not a URI`, element);
  const fetched = yield* fetchText(getRequest("script", uri, element.fetch, context.properties));
  if (!fetched.ok) return { type: "event", event: { ...fetched.event, position: element } };
  context.scopes.runScript(scope, fetched.value.text);
  return NORMAL;
}

function* runForeach(
  element: Executable & { kind: "foreach" },
  context: ExecutionContext,
): Steps<Completion> {
  const { scopes } = context;
  const length = Number(scopes.evaluate(`(${element.array}\n).length`));
  for (let index = 0; index < Math.min(length, MAX_ROUNDS); index++) {
    scopes.declareWithValue("anonymous", element.item, `(${element.array}\n)[${index}]`);
    const completion = yield* runBody(element.body, context);
    if (completion.type !== "normal") return completion;
  }
  return NORMAL;
}

/** §5.3.11: what is queued is heard first; the session then goes on without a caller. */
function* runDisconnect(
  element: Executable & { kind: "disconnect" },
  context: ExecutionContext,
): Steps<Completion> {
  if (element.names.length > 0) context.keepDisconnectValue(namedValues(element.names, context.scopes));
  if (!context.isDisconnected()) {
    const { prompts } = context.queue.drain();
    if (prompts.length > 0) context.noteRecordCall();
    const result = prompts.length > 0 ? yield { type: "play", prompts } : undefined;
    if (result && "type" in result && result.type === "hangup") {
      context.markDisconnected("caller");
      return thrown("connection.disconnect.hangup", "the caller hung up", element);
    }
    context.trace("disconnect", element);
    context.markDisconnected("application");
    context.notice({ type: "disconnect" });
  }
  return thrown("connection.disconnect.hangup", "the application hung up", element);
}
