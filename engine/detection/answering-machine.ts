/**
 * Person or machine, by the timing of speech: a person says a word or two and waits, a machine goes on talking.
 *
 * ```
 * listening ── speech, then a pause ────────────► person
 *     │                                            (short utterance, pause of 0.7 s; longer ones need a longer pause)
 *     └─────── speech without such a pause ─────► machine
 * ```
 *
 * The thresholds are those of deployed detectors: a human greeting of up to 1.5 to 2.4 s, ended by 0.5 to 1.2 s.
 */
import { FRAME_MS } from "../model/frame.ts";
import type { SpeechView } from "./voice-activity.ts";

/** How patient to be. Milliseconds. */
export interface SpeechTiming {
  /** Speech that makes a machine when no pause has come. */
  readonly machineSpeechMs: number;
  /** Pause after a short utterance that makes a person. */
  readonly personPauseMs: number;
  /** Pause after an utterance longer than `shortUtteranceMs`. */
  readonly longPauseMs: number;
  readonly shortUtteranceMs: number;
}

export const ACCURATE_TIMING: SpeechTiming = {
  machineSpeechMs: 2200,
  personPauseMs: 700,
  longPauseMs: 1000,
  shortUtteranceMs: 1500,
};

export const FAST_TIMING: SpeechTiming = {
  machineSpeechMs: 1700,
  personPauseMs: 500,
  longPauseMs: 700,
  shortUtteranceMs: 1200,
};

/** Less speech than this in all decides nothing: a cough, a handset. */
const MIN_UTTERANCE_MS = 100;

/** What the timing says. */
export interface SpeechVerdict {
  readonly who: "person" | "machine";
  /** 0 to 1. */
  readonly confidence: number;
  readonly why: readonly string[];
  readonly evidence: SpeechMeasures;
}

/** The measures behind a verdict. Milliseconds. */
export interface SpeechMeasures {
  /** From the answer to the first speech. */
  readonly onsetMs: number;
  /** First to last speech, pauses included. */
  readonly utteranceMs: number;
  /** Speech alone, pauses of up to 200 ms included. */
  readonly speechMs: number;
  /** Since the last speech. */
  readonly pauseMs: number;
  readonly stretches: number;
}

/** Measures speech since the frame of the answer, at the frame that comes next. */
export function measureSpeech(
  view: Readonly<SpeechView>,
  answerFrame: number,
  nextFrame: number,
  toneEndFrame = 0,
): SpeechMeasures {
  const hasSpoken = view.firstFrame >= 0;
  // A tone is no silence in which somebody waits.
  const quietSinceFrame = Math.max(view.lastFrame, toneEndFrame);
  return {
    onsetMs: (hasSpoken ? view.firstFrame - answerFrame : nextFrame - answerFrame) * FRAME_MS,
    utteranceMs: hasSpoken ? (view.lastFrame - view.firstFrame) * FRAME_MS : 0,
    speechMs: view.speechFrames * FRAME_MS,
    pauseMs: hasSpoken ? (nextFrame - quietSinceFrame) * FRAME_MS : 0,
    stretches: view.stretches,
  };
}

/** A verdict as soon as the timing allows one. */
export function judgeSpeech(measures: SpeechMeasures, timing: SpeechTiming): SpeechVerdict | undefined {
  const { onsetMs, speechMs, pauseMs, utteranceMs } = measures;
  if (speechMs < MIN_UTTERANCE_MS) return undefined;
  if (speechMs >= timing.machineSpeechMs) {
    return {
      who: "machine",
      confidence: 0.9,
      why: [
        `Speech of ${seconds(speechMs)} without a pause of ${seconds(timing.personPauseMs)}: nobody who answers a telephone talks that long.`,
        `It began ${seconds(onsetMs)} after the answer.`,
      ],
      evidence: measures,
    };
  }
  const isShort = utteranceMs <= timing.shortUtteranceMs;
  if (pauseMs < (isShort ? timing.personPauseMs : timing.longPauseMs)) return undefined;
  return {
    who: "person",
    confidence: isShort ? 0.92 : 0.75,
    why: [
      `A greeting of ${seconds(utteranceMs)} and then ${seconds(pauseMs)} of silence: somebody waits for an answer.`,
      `It began ${seconds(onsetMs)} after the answer.`,
    ],
    evidence: measures,
  };
}

/** The likelier of the two when time is up; undefined without speech. */
export function guessFromSpeech(measures: SpeechMeasures, timing: SpeechTiming): SpeechVerdict | undefined {
  if (measures.speechMs < MIN_UTTERANCE_MS) return undefined;
  const who = measures.speechMs >= 0.7 * timing.machineSpeechMs ? "machine" : "person";
  return {
    who,
    confidence: 0.5,
    why: [`Time was up after ${seconds(measures.speechMs)} of speech, which is likelier of a ${who}.`],
    evidence: measures,
  };
}

/** 1234 as `1.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
