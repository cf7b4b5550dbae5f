/**
 * The library of simulated callees: every kind of answer a dialer meets. The demo calls them all, and
 * `voxdial simulate` answers as them.
 */
import type { CalleeDefinition, CalleeStep } from "./callee-script.ts";

const GREETING_OF_A_MACHINE =
  "Hello, you have reached the Miller family. We are not able to come to the telephone at the moment. " +
  "Please leave your name, your number, and a short message after the tone.";

const ANSWER_SOON: readonly CalleeStep[] = [{ do: "ring", forMs: 600 }, { do: "answer" }];

/** Waits until the caller's prompt is over, then presses. */
const pressAfterPrompt = (key: string): readonly CalleeStep[] => [
  { do: "await-sound", timeoutMs: 15_000 },
  { do: "await-quiet", timeoutMs: 20_000 },
  { do: "press", keys: key },
];

const PERSON_PRESSES_1: readonly CalleeStep[] = [
  ...ANSWER_SOON,
  { do: "wait", forMs: 400 },
  { do: "play", sound: { kind: "speech", text: "Hello?" } },
  ...pressAfterPrompt("1"),
];

export const CALLEES = {
  "person-presses-1": { title: "person, presses 1", attempts: [PERSON_PRESSES_1] },
  "person-silent-presses-2": {
    title: "person, silent, presses 2",
    attempts: [[{ do: "ring", forMs: 3000 }, { do: "answer" }, ...pressAfterPrompt("2")]],
  },
  "person-hangs-up": {
    title: "person, hangs up in the prompt",
    attempts: [
      [
        ...ANSWER_SOON,
        { do: "wait", forMs: 300 },
        { do: "play", sound: { kind: "speech", text: "Yes, hello?" } },
        { do: "await-sound", timeoutMs: 15_000 },
        { do: "wait", forMs: 1500 },
        { do: "hang-up" },
      ],
    ],
  },
  "person-barges-in": {
    title: "person, presses 1 during the prompt",
    attempts: [
      [
        ...ANSWER_SOON,
        { do: "wait", forMs: 500 },
        { do: "play", sound: { kind: "speech", text: "Hello, who is this?" } },
        { do: "await-sound", timeoutMs: 15_000 },
        { do: "wait", forMs: 1200 },
        { do: "press", keys: "1" },
      ],
    ],
  },
  "answering-machine": {
    title: "answering machine with a beep",
    attempts: [
      [
        ...ANSWER_SOON,
        { do: "wait", forMs: 500 },
        { do: "play", sound: { kind: "speech", text: GREETING_OF_A_MACHINE } },
        { do: "wait", forMs: 400 },
        { do: "play", sound: { kind: "beep", hz: 1000, forMs: 400 } },
      ],
    ],
  },
  fax: {
    title: "fax machine",
    attempts: [
      [
        ...ANSWER_SOON,
        { do: "wait", forMs: 1800 },
        { do: "play", sound: { kind: "fax-answer", cedMs: 3000, preambleMs: 1000 } },
      ],
    ],
  },
  busy: { title: "busy line", attempts: [[{ do: "ring", forMs: 200 }, reject(486, "Busy Here", 17)]] },
  "busy-then-person": {
    title: "busy, then a person who presses 1",
    attempts: [[{ do: "ring", forMs: 200 }, reject(486, "Busy Here", 17)], PERSON_PRESSES_1],
  },
  "no-answer": { title: "nobody answers", attempts: [[{ do: "ring", forMs: 3_600_000 }]] },
  declined: {
    title: "person who declines",
    attempts: [[{ do: "ring", forMs: 800 }, reject(603, "Decline", 21)]],
  },
  "number-changed": {
    title: "information tone, then 404",
    attempts: [
      [
        { do: "early-media" },
        { do: "wait", forMs: 300 },
        { do: "play", sound: { kind: "information-tone", category: "IC" } },
        { do: "wait", forMs: 500 },
        reject(404, "Not Found", 1),
      ],
    ],
  },
  "number-unobtainable": {
    title: "information tone after the answer",
    attempts: [
      [
        ...ANSWER_SOON,
        { do: "wait", forMs: 300 },
        { do: "play", sound: { kind: "information-tone", category: "VC" } },
        // Repeated after a second (E.180), as networks without an announcement do.
        { do: "wait", forMs: 1000 },
        { do: "play", sound: { kind: "information-tone", category: "VC" } },
      ],
    ],
  },
  "no-circuit": { title: "no circuit", attempts: [[reject(503, "Service Unavailable", 34)]] },
} as const satisfies Record<string, CalleeDefinition>;

export type CalleeName = keyof typeof CALLEES;

function reject(status: number, phrase: string, q850Cause: number): CalleeStep {
  return { do: "reject", status, phrase, q850Cause };
}
