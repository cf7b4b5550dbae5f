/**
 * Every element of VoiceXML 2.0 and 2.1 as one row: attributes with their types, which of them are required or
 * exclude each other, and what may stand inside. The reader checks documents against it, so a document's
 * mistakes are all found before it runs (VoiceXML 2.0 Appendix O; the sections named at each group).
 */

/** How an attribute's value is checked. */
export type AttributeType =
  | "text"
  | "boolean"
  | "duration"
  | "count"
  | "seconds"
  | "variable"
  | readonly string[];

export interface ElementRow {
  readonly attributes: Readonly<Record<string, AttributeType>>;
  /** Attributes only the plum profile has. */
  readonly plumAttributes?: Readonly<Record<string, AttributeType>>;
  readonly required?: readonly string[];
  /** Of each group exactly one attribute must be there. */
  readonly exactlyOne?: readonly (readonly string[])[];
  /** Of each group at most one may be there. */
  readonly atMostOne?: readonly (readonly string[])[];
  /** Names of elements inside; `"any"`: not checked. */
  readonly children: readonly string[] | "any";
  /** Whether text other than white space may stand inside. */
  readonly hasText?: boolean;
}

const HANDLERS = ["catch", "error", "help", "noinput", "nomatch"];
const SENTENCE = [
  "audio",
  "break",
  "emphasis",
  "enumerate",
  "foreach",
  "mark",
  "phoneme",
  "prosody",
  "say-as",
  "sub",
  "value",
  "voice",
];
/** Prompt content; `paragraph`, `sentence` and `speak` are the plum dialect's names. */
const SPEECH = [
  ...SENTENCE,
  "p",
  "s",
  "paragraph",
  "sentence",
  "speak",
  "lexicon",
  "meta",
  "metadata",
  "desc",
];
const EXECUTABLE = [
  "assign",
  "audio",
  "clear",
  "data",
  "disconnect",
  "enumerate",
  "exit",
  "foreach",
  "goto",
  "if",
  "log",
  "prompt",
  "reprompt",
  "return",
  "script",
  "submit",
  "throw",
  "value",
  "var",
];
const PROMPTING = ["audio", "enumerate", "prompt", "value"];

const FETCH: Record<string, AttributeType> = {
  fetchhint: ["prefetch", "safe"],
  fetchtimeout: "duration",
  maxage: "seconds",
  maxstale: "seconds",
};
const NEXT: Record<string, AttributeType> = { next: "text", expr: "text", fetchaudio: "text", ...FETCH };
const THROW: Record<string, AttributeType> = {
  event: "text",
  eventexpr: "text",
  message: "text",
  messageexpr: "text",
};
const ITEM: Record<string, AttributeType> = { name: "variable", expr: "text", cond: "text" };
const HANDLER: Record<string, AttributeType> = { count: "count", cond: "text" };
const SUBMISSION: Record<string, AttributeType> = {
  method: ["get", "post"],
  enctype: "text",
  namelist: "text",
};
const LANGUAGE: Record<string, AttributeType> = { "xml:lang": "text" };
const handlerRow: ElementRow = { attributes: HANDLER, children: EXECUTABLE, hasText: true };
const speechRow: ElementRow = { attributes: LANGUAGE, children: SPEECH, hasText: true };
const sentenceRow: ElementRow = { attributes: LANGUAGE, children: SPEECH, hasText: true };
/** Their content is read by the grammar reader, not by this table. */
const opaqueRow: ElementRow = { attributes: {}, children: "any", hasText: true };

export const ELEMENTS: ReadonlyMap<string, ElementRow> = new Map<string, ElementRow>([
  // §1.5 documents
  [
    "vxml",
    {
      attributes: { version: "text", application: "text", "xml:base": "text", ...LANGUAGE },
      required: ["version"],
      children: [
        ...HANDLERS,
        "data",
        "form",
        "link",
        "menu",
        "meta",
        "metadata",
        "property",
        "script",
        "var",
      ],
    },
  ],
  [
    "meta",
    {
      attributes: { name: "text", content: "text", "http-equiv": "text" },
      required: ["content"],
      exactlyOne: [["name", "http-equiv"]],
      children: [],
    },
  ],
  ["metadata", { attributes: {}, children: "any", hasText: true }],
  // §2.1, §2.2 dialogs
  [
    "form",
    {
      attributes: { id: "text", scope: ["dialog", "document"] },
      children: [
        ...HANDLERS,
        "block",
        "data",
        "field",
        "filled",
        "grammar",
        "initial",
        "link",
        "object",
        "property",
        "record",
        "script",
        "subdialog",
        "transfer",
        "var",
      ],
    },
  ],
  [
    "menu",
    {
      attributes: {
        id: "text",
        scope: ["dialog", "document"],
        dtmf: "boolean",
        accept: ["exact", "approximate"],
      },
      children: [...HANDLERS, ...PROMPTING, "choice", "property", "script"],
      hasText: true,
    },
  ],
  [
    "choice",
    {
      attributes: { ...NEXT, ...THROW, dtmf: "text", accept: ["exact", "approximate"] },
      exactlyOne: [["next", "expr", "event", "eventexpr"]],
      atMostOne: [["message", "messageexpr"]],
      children: [...SPEECH, "grammar"],
      hasText: true,
    },
  ],
  // §2.3 form items
  [
    "field",
    {
      attributes: { ...ITEM, type: "text", slot: "text", modal: "boolean" },
      children: [...HANDLERS, ...PROMPTING, "filled", "grammar", "link", "option", "property"],
      hasText: true,
    },
  ],
  [
    "option",
    {
      attributes: { dtmf: "text", value: "text", accept: ["exact", "approximate"] },
      children: SPEECH,
      hasText: true,
    },
  ],
  ["initial", { attributes: ITEM, children: [...HANDLERS, ...PROMPTING, "link", "property"], hasText: true }],
  ["block", { attributes: ITEM, children: EXECUTABLE, hasText: true }],
  [
    "record",
    {
      attributes: {
        ...ITEM,
        type: "text",
        beep: "boolean",
        maxtime: "duration",
        modal: "boolean",
        finalsilence: "duration",
        dtmfterm: "boolean",
      },
      children: [...HANDLERS, ...PROMPTING, "filled", "grammar", "property"],
      hasText: true,
    },
  ],
  [
    "transfer",
    {
      attributes: {
        ...ITEM,
        dest: "text",
        destexpr: "text",
        bridge: "boolean",
        type: ["bridge", "blind", "consultation"],
        connecttimeout: "duration",
        maxtime: "duration",
        transferaudio: "text",
        aai: "text",
        aaiexpr: "text",
      },
      exactlyOne: [["dest", "destexpr"]],
      atMostOne: [
        ["aai", "aaiexpr"],
        ["bridge", "type"],
      ],
      children: [...HANDLERS, ...PROMPTING, "filled", "grammar", "property"],
      hasText: true,
    },
  ],
  [
    "subdialog",
    {
      attributes: {
        ...ITEM,
        src: "text",
        srcexpr: "text",
        fetchaudio: "text",
        ...SUBMISSION,
        ...FETCH,
      },
      plumAttributes: { method: ["get", "post", "raw"], rawexpr: "text" },
      exactlyOne: [["src", "srcexpr"]],
      children: [...HANDLERS, ...PROMPTING, "filled", "param", "property"],
      hasText: true,
    },
  ],
  [
    "object",
    {
      attributes: {
        ...ITEM,
        classid: "text",
        codebase: "text",
        codetype: "text",
        data: "text",
        type: "text",
        archive: "text",
        ...FETCH,
      },
      children: [...HANDLERS, ...PROMPTING, "filled", "param", "property"],
      hasText: true,
    },
  ],
  [
    "param",
    {
      attributes: { name: "text", expr: "text", value: "text", valuetype: ["data", "ref"], type: "text" },
      required: ["name"],
      exactlyOne: [["expr", "value"]],
      children: [],
    },
  ],
  ["filled", { attributes: { mode: ["all", "any"], namelist: "text" }, children: EXECUTABLE, hasText: true }],
  [
    "link",
    {
      attributes: { ...NEXT, ...THROW, dtmf: "text" },
      exactlyOne: [["next", "expr", "event", "eventexpr"]],
      atMostOne: [["message", "messageexpr"]],
      children: ["grammar"],
    },
  ],
  // §3 grammars: inside, the grammar reader checks
  [
    "grammar",
    {
      attributes: {
        src: "text",
        srcexpr: "text",
        type: "text",
        scope: ["dialog", "document"],
        mode: ["voice", "dtmf"],
        root: "text",
        version: "text",
        weight: "text",
        "tag-format": "text",
        "xml:base": "text",
        ...LANGUAGE,
        ...FETCH,
      },
      atMostOne: [["src", "srcexpr"]],
      children: "any",
      hasText: true,
    },
  ],
  // §4 prompts
  [
    "prompt",
    {
      attributes: {
        bargein: "boolean",
        bargeintype: ["speech", "hotword"],
        cond: "text",
        count: "count",
        timeout: "duration",
        version: "text",
        "xml:base": "text",
        ...LANGUAGE,
      },
      children: SPEECH,
      hasText: true,
    },
  ],
  ["enumerate", speechRow],
  [
    "speak",
    { attributes: { version: "text", "xml:base": "text", ...LANGUAGE }, children: SPEECH, hasText: true },
  ],
  ["p", speechRow],
  ["s", sentenceRow],
  ["paragraph", speechRow],
  ["sentence", sentenceRow],
  [
    "audio",
    {
      attributes: { src: "text", expr: "text", ...FETCH },
      exactlyOne: [["src", "expr"]],
      children: SPEECH,
      hasText: true,
    },
  ],
  ["desc", { attributes: LANGUAGE, children: [], hasText: true }],
  ["value", { attributes: { expr: "text" }, required: ["expr"], children: [] }],
  [
    "break",
    {
      attributes: {
        time: "duration",
        strength: ["none", "x-weak", "weak", "medium", "strong", "x-strong"],
        size: ["none", "small", "medium", "large"],
      },
      children: [],
    },
  ],
  [
    "emphasis",
    {
      attributes: { level: ["strong", "moderate", "none", "reduced"], ...LANGUAGE },
      children: SPEECH,
      hasText: true,
    },
  ],
  [
    "prosody",
    {
      attributes: {
        pitch: "text",
        contour: "text",
        range: "text",
        rate: "text",
        duration: "text",
        volume: "text",
      },
      children: SPEECH,
      hasText: true,
    },
  ],
  [
    "voice",
    {
      attributes: { gender: "text", age: "text", variant: "text", name: "text", ...LANGUAGE },
      children: SPEECH,
      hasText: true,
    },
  ],
  [
    "say-as",
    {
      attributes: { "interpret-as": "text", format: "text", detail: "text" },
      plumAttributes: { type: "text" },
      children: ["value"],
      hasText: true,
    },
  ],
  ["sub", { attributes: { alias: "text" }, required: ["alias"], children: [], hasText: true }],
  [
    "phoneme",
    { attributes: { ph: "text", alphabet: "text" }, required: ["ph"], children: [], hasText: true },
  ],
  [
    "mark",
    { attributes: { name: "text", nameexpr: "text" }, exactlyOne: [["name", "nameexpr"]], children: [] },
  ],
  ["lexicon", { attributes: { uri: "text", type: "text" }, required: ["uri"], children: [] }],
  // §5.2 events
  ["catch", { attributes: { ...HANDLER, event: "text" }, children: EXECUTABLE, hasText: true }],
  ["error", handlerRow],
  ["help", handlerRow],
  ["noinput", handlerRow],
  ["nomatch", handlerRow],
  [
    "throw",
    {
      attributes: THROW,
      exactlyOne: [["event", "eventexpr"]],
      atMostOne: [["message", "messageexpr"]],
      children: [],
    },
  ],
  // §5.3 executable content
  ["var", { attributes: { name: "text", expr: "text" }, required: ["name"], children: [] }],
  ["assign", { attributes: { name: "text", expr: "text" }, required: ["name", "expr"], children: [] }],
  ["clear", { attributes: { namelist: "text" }, children: [] }],
  [
    "if",
    {
      attributes: { cond: "text" },
      required: ["cond"],
      children: [...EXECUTABLE, "elseif", "else"],
      hasText: true,
    },
  ],
  ["elseif", { attributes: { cond: "text" }, required: ["cond"], children: [] }],
  ["else", { attributes: {}, children: [] }],
  [
    "foreach",
    {
      attributes: { item: "variable", array: "text" },
      required: ["item", "array"],
      children: [...new Set([...EXECUTABLE, ...SPEECH])],
      hasText: true,
    },
  ],
  ["reprompt", { attributes: {}, children: [] }],
  [
    "goto",
    {
      attributes: { ...NEXT, nextitem: "text", expritem: "text" },
      exactlyOne: [["next", "expr", "nextitem", "expritem"]],
      children: [],
    },
  ],
  [
    "submit",
    {
      attributes: { ...NEXT, ...SUBMISSION },
      plumAttributes: { method: ["get", "post", "raw"], rawexpr: "text" },
      exactlyOne: [["next", "expr"]],
      children: [],
    },
  ],
  [
    "exit",
    { attributes: { expr: "text", namelist: "text" }, atMostOne: [["expr", "namelist"]], children: [] },
  ],
  [
    "return",
    {
      attributes: { namelist: "text", ...THROW },
      atMostOne: [
        ["event", "eventexpr", "namelist"],
        ["message", "messageexpr"],
      ],
      children: [],
    },
  ],
  ["disconnect", { attributes: { namelist: "text" }, children: [] }],
  [
    "script",
    {
      attributes: { src: "text", srcexpr: "text", charset: "text", ...FETCH },
      atMostOne: [["src", "srcexpr"]],
      children: [],
      hasText: true,
    },
  ],
  ["log", { attributes: { label: "text", expr: "text" }, children: ["value"], hasText: true }],
  [
    "data",
    {
      attributes: {
        src: "text",
        srcexpr: "text",
        name: "variable",
        fetchaudio: "text",
        ...SUBMISSION,
        ...FETCH,
      },
      plumAttributes: { method: ["get", "post", "raw"], rawexpr: "text", accept: "text", headers: "text" },
      exactlyOne: [["src", "srcexpr"]],
      children: [],
    },
  ],
  // §6.3
  ["property", { attributes: { name: "text", value: "text" }, required: ["name", "value"], children: [] }],
  // SRGS inside <grammar>
  ...["rule", "item", "one-of", "ruleref", "token", "tag", "example"].map((name): [string, ElementRow] => [
    name,
    opaqueRow,
  ]),
]);
