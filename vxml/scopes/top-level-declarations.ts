/**
 * Rewrites a `<script>` so that what it declares at its top level becomes variables of the VoiceXML scope the
 * element stands in (VoiceXML 2.0 §5.3.12), not of a function around it: `var a = 1` becomes an assignment to a
 * property of the scope object, functions are hoisted, everything deeper stays as written.
 */
import { type Node, parse } from "acorn";
import { VxmlError } from "../errors.ts";

export interface ScopedScript {
  /** The names to declare in the scope first. */
  readonly names: readonly string[];
  readonly code: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** acorn's nodes, read structurally. */
type AnyNode = Node & Record<string, unknown>;

const KEPT = 200;
const rewritten = new Map<string, ScopedScript>();

/** Throws `VxmlError` with the position inside the script when its syntax is wrong. */
export function scopeDeclarations(source: string): ScopedScript {
  const known = rewritten.get(source);
  if (known) return known;
  const script = new DeclarationRewriter(source).rewrite();
  // LIMIT: the rewriting is kept for the last scripts only; a campaign runs the same few over and over.
  if (rewritten.size >= KEPT) rewritten.delete(rewritten.keys().next().value ?? "");
  rewritten.set(source, script);
  return script;
}

class DeclarationRewriter {
  readonly #source: string;
  readonly #names = new Set<string>();
  readonly #edits: Edit[] = [];
  #hoisted = "";

  constructor(source: string) {
    this.#source = source;
  }

  rewrite(): ScopedScript {
    let program: AnyNode;
    try {
      program = parse(this.#source, { ecmaVersion: 2022, sourceType: "script" }) as unknown as AnyNode;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new VxmlError("VXML_SCRIPT_FAILED", `SyntaxError: ${message}`, { cause });
    }
    for (const statement of children(program)) this.#visit(statement, program, true);
    this.#edits.sort((a, b) => a.start - b.start || a.end - b.end);
    let code = "";
    let at = 0;
    for (const edit of this.#edits) {
      code += this.#source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return { names: [...this.#names], code: this.#hoisted + code + this.#source.slice(at) };
  }

  /** `isTop`: directly in the program, where let, const, class and function belong to the scope too. */
  #visit(node: AnyNode, parent: AnyNode, isTop: boolean): void {
    switch (node.type) {
      case "FunctionDeclaration": {
        if (!isTop) return;
        const name = nameOf(node.id);
        this.#names.add(name);
        this.#hoisted += `${name}=${this.#source.slice(node.start, node.end)};`;
        this.#edits.push({ start: node.start, end: node.end, text: ";" });
        return;
      }
      case "ClassDeclaration":
        if (!isTop) return;
        this.#names.add(nameOf(node.id));
        this.#edits.push({ start: node.start, end: node.start, text: `${nameOf(node.id)}=` });
        this.#edits.push({ start: node.end, end: node.end, text: ";" });
        return;
      case "FunctionExpression":
      case "ArrowFunctionExpression":
      case "ClassExpression":
        return;
      case "VariableDeclaration":
        if (node.kind === "var" || isTop) this.#visitDeclaration(node, parent);
        else for (const child of children(node)) this.#visit(child, node, false);
        return;
      default:
        for (const child of children(node)) this.#visit(child, node, false);
    }
  }

  #visitDeclaration(node: AnyNode, parent: AnyNode): void {
    const declarators = node.declarations as AnyNode[];
    for (const declarator of declarators) this.#collectNames(declarator.id as AnyNode);
    const first = declarators[0];
    if (!first) return;
    // "var " goes; "a = 1, b = 2" stays, as an expression.
    this.#edits.push({ start: node.start, end: first.start, text: "" });
    const isLoopTarget =
      (parent.type === "ForInStatement" || parent.type === "ForOfStatement") && parent.left === node;
    if (isLoopTarget) return;
    for (const declarator of declarators) {
      const target = declarator.id as AnyNode;
      const initial = declarator.init as AnyNode | null;
      if (!initial) {
        // `var a;` leaves a value as it is; `let a;` makes it undefined.
        const text = node.kind === "var" ? "void 0" : `${nameOf(target)}=void 0`;
        this.#edits.push({ start: declarator.start, end: declarator.end, text });
        continue;
      }
      if (target.type === "ObjectPattern") {
        this.#edits.push({ start: declarator.start, end: declarator.start, text: "(" });
        this.#edits.push({ start: declarator.end, end: declarator.end, text: ")" });
      }
      this.#visit(initial, declarator, false);
    }
    // Without its keyword a declaration on a line of its own could join the next line.
    if (parent.type !== "ForStatement" && !/;\s*$/.test(this.#source.slice(node.start, node.end)))
      this.#edits.push({ start: node.end, end: node.end, text: ";" });
  }

  #collectNames(pattern: AnyNode | null | undefined): void {
    if (!pattern) return;
    switch (pattern.type) {
      case "Identifier":
        this.#names.add(nameOf(pattern));
        return;
      case "ObjectPattern":
        for (const property of pattern.properties as AnyNode[])
          this.#collectNames((property.value ?? property.argument) as AnyNode);
        return;
      case "ArrayPattern":
        for (const element of pattern.elements as (AnyNode | null)[]) this.#collectNames(element);
        return;
      case "AssignmentPattern":
        this.#collectNames(pattern.left as AnyNode);
        return;
      case "RestElement":
        this.#collectNames(pattern.argument as AnyNode);
        return;
    }
  }
}

function nameOf(node: unknown): string {
  return String((node as { name?: unknown }).name ?? "");
}

function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const value of Object.values(node)) {
    for (const candidate of Array.isArray(value) ? value : [value])
      if (typeof candidate === "object" && candidate !== null && typeof candidate.type === "string")
        found.push(candidate as AnyNode);
  }
  return found;
}
