/** The unit of audio inside the engine: 20 ms of linear PCM at 8 kHz. */

export const SAMPLE_RATE_HZ = 8000;
export const FRAME_MS = 20;
export const FRAME_SAMPLES = 160;

/** 160 signed 16-bit samples at 8 kHz. */
export type Frame = Int16Array;

/** Any length of linear PCM at 8 kHz, mono. Over a SharedArrayBuffer it crosses threads without a copy. */
export type Pcm = Int16Array;
