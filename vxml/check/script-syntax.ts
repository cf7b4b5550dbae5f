/**
 * The syntax of everything that is ECMAScript in a document: expressions, conditions, scripts (VoiceXML 2.0 §5.1,
 * §5.3.12) and the script tags of inline grammars (SISR 1.0 §3.2.2), each fault at its own line and column.
 */
import { type Expression, type Options, type PrivateIdentifier, parse, parseExpressionAt } from "acorn";
import { isElement, type XmlElement } from "../model/xml-tree.ts";
import { ELEMENTS } from "../parser/element-table.ts";
import { isVariableName } from "../scopes/scope-chain.ts";
import { type CheckContext, childrenOf, elementsIn, reportAtValue, reportInText } from "./check-context.ts";
import type { PlacedText } from "./source-text.ts";

const EXPRESSION_ATTRIBUTES: ReadonlySet<string> = new Set([
  "expr",
  "cond",
  "srcexpr",
  "eventexpr",
  "messageexpr",
  "expritem",
  "nameexpr",
  "destexpr",
  "aaiexpr",
  "rawexpr",
]);

/** What scripts may use; the same as where they run. */
const SCRIPT: Options = { ecmaVersion: 2022, sourceType: "script" };
/** Parentheses are kept so that it is known where an expression ends. */
const EXPRESSION: Options = { ecmaVersion: "latest", sourceType: "script", preserveParens: true };

interface Fault {
  readonly index: number;
  readonly message: string;
}

type ExpressionReading = { readonly expression: Expression } | Fault;

export function checkScripts(context: CheckContext): void {
  for (const element of elementsIn(context.root)) {
    checkAttributes(element, context);
    if (element.name === "script") checkScript(element, context);
    if (element.name === "grammar") checkTags(element, context);
    if (element.name === "var") checkDeclaredName(element, context);
    if (element.name === "assign") checkAssignedName(element, context);
  }
}

/** The text that an expression is, when it is made of nothing but texts in quotes. */
export function constantText(code: string): string | undefined {
  const reading = readExpression(code);
  return "expression" in reading ? textOfConstant(reading.expression) : undefined;
}

function textOfConstant(node: Expression | PrivateIdentifier): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "ParenthesizedExpression") return textOfConstant(node.expression);
  if (node.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const left = textOfConstant(node.left);
  const right = textOfConstant(node.right);
  return left === undefined || right === undefined ? undefined : left + right;
}

function checkAttributes(element: XmlElement, context: CheckContext): void {
  const row = ELEMENTS.get(element.name);
  if (!row) return;
  for (const name of element.attributes.keys()) {
    const isExpression = EXPRESSION_ATTRIBUTES.has(name) || (element.name === "foreach" && name === "array");
    if (!isExpression || !(name in row.attributes || name in (row.plumAttributes ?? {}))) continue;
    const value = context.source.attribute(element, name);
    if (!value) continue;
    const reading = readExpression(value.text);
    if (!("expression" in reading)) reportFault(reading, value, `${name} of <${element.name}>`, context);
    else if (name === "cond" && reading.expression.type === "AssignmentExpression")
      reportAtValue(context, element, name, "condition-assigns", `cond="${value.text}" assigns`);
  }
}

function checkScript(element: XmlElement, context: CheckContext): void {
  const content = context.source.content(element);
  if (!content) return;
  const fault = scriptFault(content.text);
  if (fault) reportFault(fault, content, "script", context);
}

function checkTags(element: XmlElement, context: CheckContext): void {
  if (element.attributes.get("tag-format")?.trim() !== "semantics/1.0") return;
  for (const tag of tagsIn(element)) {
    const content = context.source.content(tag);
    const fault = content && scriptFault(content.text);
    if (fault) reportFault(fault, content, "tag", context);
  }
}

function tagsIn(element: XmlElement): XmlElement[] {
  return [...childrenOf(element, "tag"), ...element.children.filter(isElement).flatMap(tagsIn)];
}

/** §5.3.1: a declaration's name has no scope before it. */
function checkDeclaredName(element: XmlElement, context: CheckContext): void {
  const name = element.attributes.get("name");
  if (name === undefined || isVariableName(name)) return;
  const hint = name.includes(".") ? "; a declaration's scope is where it stands" : "";
  reportAtValue(context, element, "name", "variable-name", `"${name}" cannot name a variable${hint}`);
}

/** §5.3.2: what is assigned to is a variable, or a property of one; the session's are read-only. */
function checkAssignedName(element: XmlElement, context: CheckContext): void {
  const name = element.attributes.get("name");
  if (name === undefined) return;
  const reading = readExpression(name);
  const isPath =
    "expression" in reading &&
    (reading.expression.type === "Identifier" || reading.expression.type === "MemberExpression");
  const scope = /^\s*(session|application|document|dialog)\b/.exec(name)?.[1];
  const isReadOnly = scope === "session" || (scope !== undefined && scope === name.trim());
  if (isPath && !isReadOnly) return;
  const message = isPath ? `"${name}" is read-only` : `"${name}" cannot be assigned to`;
  reportAtValue(context, element, "name", "variable-name", message);
}

function readExpression(code: string): ExpressionReading {
  if (code.trim() === "") return { index: 0, message: "there is no expression" };
  let expression: Expression;
  try {
    expression = parseExpressionAt(code, 0, EXPRESSION);
  } catch (error) {
    return faultOf(error, code);
  }
  const rest = code.slice(expression.end);
  const skipped = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(rest)?.[0].length ?? 0;
  if (skipped === rest.length) return { expression };
  const index = expression.end + skipped;
  return { index, message: `${found(code, index)} stands where the expression should end` };
}

function scriptFault(code: string): Fault | undefined {
  try {
    parse(code, SCRIPT);
    return undefined;
  } catch (error) {
    return faultOf(error, code);
  }
}

/** acorn's errors have a position and repeat it in the message. */
function faultOf(error: unknown, code: string): Fault {
  if (!(error instanceof SyntaxError) || !("pos" in error)) throw error;
  const index = Number(error.pos);
  const message = error.message.replace(/\s*\(\d+:\d+\)$/, "");
  if (message !== "Unexpected token") return { index, message: message[0]?.toLowerCase() + message.slice(1) };
  return { index, message: `${found(code, index)} is unexpected` };
}

/** What stands at a place, in quotes. */
function found(code: string, index: number): string {
  const word = /^(?:[\p{L}\p{Nd}_$]+|[=!<>&|+*-]+|[\s\S])/u.exec(code.slice(index))?.[0];
  return word === undefined ? "the end" : `"${word}"`;
}

function reportFault(fault: Fault, place: PlacedText, where: string, context: CheckContext): void {
  const length = /^[\p{L}\p{Nd}_$]+/u.exec(place.text.slice(fault.index))?.[0].length ?? 1;
  const end = Math.min(fault.index + length, place.text.length);
  const message = `${where}: ${fault.message}`;
  reportInText(context, place, fault.index, end, "script-syntax", message);
}
