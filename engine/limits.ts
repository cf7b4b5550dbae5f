/** The bounds of the engine, in one place. Each says why it is that number. */

// LIMIT: four hours; longer than any announcement or survey, short enough that a forgotten leg frees its channel.
export const MAX_CALL_DURATION_MS = 4 * 60 * 60_000;

// LIMIT: what a script gets after the caller is gone (a last <submit>); half the default fetchtimeout of 30 s,
// because nobody listens any more and the channel's settlement waits for it.
export const FINAL_PROCESSING_MS = 15_000;

// LIMIT: a tone heard before the answer waits this long for the network's own final response, which says more.
export const EARLY_TONE_GRACE_MS = 2_000;

// LIMIT: longer than SIP's 64*T1 (32 s), after which a BYE or CANCEL transaction has ended one way or the other.
export const LEG_CLOSE_TIMEOUT_MS = 40_000;

// LIMIT: a person does not press more; a stuck tone detector or a hostile sender may.
export const MAX_REPORTED_KEYS = 1_000;

// LIMIT: keys pressed ahead of the question; the longest sensible input is a card number with its date.
export const MAX_TYPE_AHEAD_KEYS = 64;

// LIMIT: platform events that wait for a script to listen; only the newest of each name is kept.
export const MAX_PENDING_EVENTS = 16;

// LIMIT: audio of one turn's prompts; 10 minutes of 8 kHz PCM are 9.6 MB per call.
export const MAX_PROMPT_AUDIO_MS = 10 * 60_000;

// LIMIT: characters of one text segment handed to a synthesizer; about five minutes of speech.
export const MAX_SPOKEN_TEXT_CHARS = 5_000;

// LIMIT: nesting of <audio> within <audio>; deeper is a mistake, and each level costs one fetch timeout.
export const MAX_AUDIO_FALLBACK_DEPTH = 8;

// LIMIT: VoiceXML steps kept in one call's trace; a script that loops must not fill the disk.
export const MAX_SESSION_TRACE_ENTRIES = 5_000;

// LIMIT: one message a caller leaves to a <record>: the longest `maxtime` of the plum profile, 29 MB of µ-law.
export const MAX_MESSAGE_MS = 60 * 60_000;

// LIMIT: µ-law bytes of messages kept for one voice session, two of the longest; the oldest give way to new ones.
export const MAX_SESSION_MESSAGE_BYTES = 2 * 8 * MAX_MESSAGE_MS;
