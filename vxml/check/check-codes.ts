/**
 * The codes of what a check finds, as one table: stable words, each with what it means and how to mend it. The
 * table is printed as `docs/check-codes.md`.
 */
import type { DiagnosticCode } from "../diagnostics.ts";

export type Severity = "error" | "warning";

export interface CheckCodeRow {
  /** An error keeps the document from running, or ends it where it is met; a warning is likely a mistake. */
  readonly severity: Severity;
  readonly meaning: string;
  readonly remedy: string;
}

const READING = {
  xml: {
    severity: "error",
    meaning: "The document is not well-formed XML. What follows the place has not been read.",
    remedy: "Close tags in order, put attribute values in quotes, write & as &amp; and < as &lt;.",
  },
  limit: {
    severity: "error",
    meaning: "The document is longer, or nested deeper, than a document may be.",
    remedy: "Split it.",
  },
  "element-unknown": {
    severity: "error",
    meaning: "VoiceXML has no such element, or it is of another namespace.",
    remedy: "Correct its name.",
  },
  "element-misplaced": {
    severity: "error",
    meaning: "The element may not stand where it stands.",
    remedy: "Move it; executable content stands in <block>, <filled> and handlers.",
  },
  "text-misplaced": {
    severity: "error",
    meaning: "Text stands where only elements may.",
    remedy: "Put it into a <prompt>, or remove it.",
  },
  "attribute-unknown": {
    severity: "error",
    meaning: "The element has no such attribute in this profile.",
    remedy: "Correct or remove it; some attributes belong to the profile plum alone.",
  },
  "attribute-missing": {
    severity: "error",
    meaning: "A required attribute is missing.",
    remedy: "Add it.",
  },
  "attribute-conflict": {
    severity: "error",
    meaning: "Attributes, or an attribute and content, exclude each other.",
    remedy: "Keep one of them.",
  },
  "attribute-value": {
    severity: "error",
    meaning: "An attribute's value is not of its kind.",
    remedy: "Write a value as the message says.",
  },
  "name-duplicate": {
    severity: "error",
    meaning: "Two dialogs of a document have one id, or two items of a form one name.",
    remedy: "Rename one.",
  },
  grammar: {
    severity: "error",
    meaning: "An inline grammar cannot be read.",
    remedy: "Correct it at the place named.",
  },
} as const satisfies Record<DiagnosticCode, CheckCodeRow>;

const ANALYSIS = {
  "script-syntax": {
    severity: "error",
    meaning: "An expression, a <script> or a script tag of a grammar is not ECMAScript.",
    remedy: "Correct it at the place named; in attributes write < as &lt; and & as &amp;.",
  },
  "variable-name": {
    severity: "error",
    meaning: "A <var> or <assign> names what cannot be a variable there.",
    remedy: "Declare with a plain name; assign to a declared variable or a property of it, never to session.",
  },
  "target-unknown": {
    severity: "error",
    meaning: "A transition leads to a dialog that its document does not have.",
    remedy: "Correct the fragment, or give a dialog that id.",
  },
  "item-unknown": {
    severity: "error",
    meaning: "A nextitem names no item of its form.",
    remedy: "Name a form item of the same form.",
  },
  "builtin-grammar": {
    severity: "error",
    meaning: "There is no such built-in grammar, or its parameters contradict each other.",
    remedy: "Use a type of VoiceXML 2.0 Appendix P with its parameters.",
  },
  "dialog-unreached": {
    severity: "warning",
    meaning: "No transition in the checked documents leads to the dialog.",
    remedy: "Remove it, lead to it, or check it together with the documents that do.",
  },
  "content-unreachable": {
    severity: "warning",
    meaning: "Executable content follows a transition that is always taken.",
    remedy: "Remove it, or put the transition under a condition.",
  },
  "item-unreachable": {
    severity: "warning",
    meaning: "A form item follows a block that always leaves the form.",
    remedy: "Move it before the block, or give the block a condition.",
  },
  "field-without-grammar": {
    severity: "warning",
    meaning: "A field has neither type, grammar nor options, and its form has no grammar: nothing fills it.",
    remedy: "Give it a type or a grammar.",
  },
  "variable-duplicate": {
    severity: "warning",
    meaning:
      "Two variables, or a variable and a form item, of one scope have one name: they are one variable.",
    remedy: "Rename one.",
  },
  "key-duplicate": {
    severity: "warning",
    meaning: "Two choices or options of one list have the same keys; the first wins.",
    remedy: "Give each its own keys.",
  },
  "condition-assigns": {
    severity: "warning",
    meaning: "A condition is an assignment.",
    remedy: "Compare with == or ===; an assignment that is meant stands in parentheses.",
  },
  "property-unknown": {
    severity: "warning",
    meaning: "VoiceXML has no such property; it has no effect.",
    remedy: "Correct its name; names of platforms have a dot in them.",
  },
  "property-value": {
    severity: "warning",
    meaning: "The value is not of the property's kind; the default stays in force.",
    remedy: "Write times with their unit (5s, 300ms), switches as true or false.",
  },
} as const satisfies Record<string, CheckCodeRow>;

export type AnalysisCode = keyof typeof ANALYSIS;
export type CheckCode = DiagnosticCode | AnalysisCode;

export const CHECK_CODES: Readonly<Record<CheckCode, CheckCodeRow>> = { ...READING, ...ANALYSIS };
