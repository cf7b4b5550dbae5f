/** The bounds of the interpreter. Each holds for one session, so that one document cannot harm the others. */

/** LIMIT: characters of one document; the largest generated menus seen in practice stay below 300,000. */
export const MAX_DOCUMENT_CHARACTERS = 2_000_000;
/** LIMIT: nesting of elements; deeper documents are mistakes or attacks on recursive readers. */
export const MAX_ELEMENT_DEPTH = 100;
/** LIMIT: problems reported for one document; the first hundred are enough to mend it. */
export const MAX_DIAGNOSTICS = 100;

/** LIMIT: phases (select, collect, process) between two waits for the caller; more is a loop without a wait. */
export const MAX_STEPS_WITHOUT_INPUT = 2_000;
/** LIMIT: documents and dialogs entered between two waits for the caller. */
export const MAX_TRANSITIONS_WITHOUT_INPUT = 200;
/** LIMIT: subdialogs open at one time, each with scopes and machines of its own. */
export const MAX_SUBDIALOG_DEPTH = 20;
/** LIMIT: characters of what one `<data>` fetches; as a DOM it takes several times that of the sandbox's 16 MB. */
export const MAX_DATA_CHARACTERS = 500_000;
/** LIMIT: nodes of one DOM; 20,000 take about 10 MB once a script has looked at them all. */
export const MAX_DATA_NODES = 20_000;
/** LIMIT: the longest recording, and what applies where the document names no time (§2.3.6). */
export const MAX_RECORDING_MS = 3_600_000;
/** LIMIT: events thrown inside handlers of events, without a wait between. */
export const MAX_NESTED_EVENTS = 20;
/** LIMIT: microsteps of one macrostep of a machine; XState's default is no limit at all. */
export const MAX_MACHINE_ITERATIONS = 5_000;

/** LIMIT: prompts waiting to be played. */
export const MAX_QUEUED_PROMPTS = 1_000;
/** LIMIT: characters of text in one prompt: ten minutes of speech. */
export const MAX_PROMPT_CHARACTERS = 10_000;
/** LIMIT: characters of one log line. */
export const MAX_LOG_CHARACTERS = 4_000;

/** LIMIT: tokens of one utterance: words, or keys. */
export const MAX_UTTERANCE_TOKENS = 64;
/** LIMIT: states of one compiled grammar; a city list of 5,000 names needs a few hundred. */
export const MAX_GRAMMAR_STATES = 50_000;
/** LIMIT: items of one matching position, against grammars whose ambiguity explodes. */
export const MAX_MATCH_ITEMS = 20_000;
/** LIMIT: grammars that one grammar may draw in by references. */
export const MAX_LINKED_GRAMMARS = 100;
/** LIMIT: readings of one input in `application.lastresult$`, whatever `maxnbest` says. */
export const MAX_N_BEST = 20;
/** LIMIT: grammars active at one time. */
export const MAX_ACTIVE_GRAMMARS = 500;

/** LIMIT: fuel (loop iterations) of one expression; about 15,000 times what an ordinary condition costs. */
export const EXPRESSION_FUEL = 1_000_000;
/** LIMIT: fuel of one `<script>`; the worst case stays near 100 ms of one core. */
export const SCRIPT_FUEL = 2_000_000;
/** LIMIT: fuel of taking fetched data into the sandbox; it grows with the data, which `MAX_DATA_…` bound. */
export const DATA_FUEL = 40_000_000;
/** Fuel kept back so that the engine can unwind politely before the trap ends the sandbox. */
export const RESERVE_FUEL = 4_000_000;
/** LIMIT: pages of 64 KB a sandbox starts with and may grow to: 6 MB and 16 MB of address space. */
export const SANDBOX_INITIAL_PAGES = 96;
export const SANDBOX_MAXIMUM_PAGES = 256;
/** LIMIT: the engine's own stack, in bytes; deep recursion ends as a script error before it can touch ours. */
export const SANDBOX_STACK_BYTES = 96 * 1024;
/** LIMIT: fresh sandboxes kept for new sessions. */
export const SANDBOX_POOL_SIZE = 64;
/** LIMIT: compiled expressions kept per sandbox before the oldest scopes' are dropped. */
export const MAX_COMPILED_EXPRESSIONS = 2_000;
/** LIMIT: characters of a value that crosses from a script to the host, as JSON. */
export const MAX_VALUE_CHARACTERS = 1_000_000;
