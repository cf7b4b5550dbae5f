/** What detectors report: one result each, with the evidence that led to it. */
import type { CalleeType } from "./callee-type.ts";

/** What a detector can find in the audio. */
export type FindingKind =
  | "speech" // a stretch of voice activity
  | "silence" // no voice for a while, media flowing
  | "beep" // the tone that ends a voicemail greeting
  | "greeting-end" // a machine's greeting is over, by beep or by silence
  | "cng"
  | "ced"
  | "v21"
  | "sit"
  | "busy-tone"
  | "reorder-tone"
  | "ringback"
  | "dial-tone"
  | "dtmf"
  | "no-media"; // no RTP at all

/** One detector's result. Times count milliseconds of audio from the start of the leg's media. */
export interface Finding {
  readonly kind: FindingKind;
  readonly startMs: number;
  /** Absent while it goes on. */
  readonly endMs?: number;
  /** 0 to 1. */
  readonly confidence: number;
  /** Measured values behind it: `hz`, `levelDbfs`, `periodMs`, `digit`, … Small and cloneable. */
  readonly evidence: Readonly<Record<string, number | string | readonly number[]>>;
}

/** The classifier's decision about the callee; a later one may correct it. */
export interface CalleeDecision {
  readonly calleeType: CalleeType;
  /** 0 to 1. */
  readonly confidence: number;
  /** Milliseconds of audio after the answer (negative: decided on early media). */
  readonly decidedAtMs: number;
  /** One readable sentence per reason, strongest first. */
  readonly why: readonly string[];
  readonly evidence: readonly Finding[];
  /** Whether an earlier decision on this leg is replaced. */
  readonly isCorrection: boolean;
}

/** Detector settings of a deployment or call. Milliseconds. */
export interface DetectionSettings {
  /** `off` constructs no answering-machine detector; tones and keys are always detected. */
  readonly mode: "accurate" | "fast" | "off";
  /** Without any speech for this long after the answer the callee is `unknown`. Default 4000. */
  readonly silenceTimeoutMs: number;
  /** A decision is made at the latest this long after the answer. Default 10000. */
  readonly totalTimeoutMs: number;
  /** ISO 3166 code for the tone plan, lower case; absent: any. */
  readonly country?: string;
}
