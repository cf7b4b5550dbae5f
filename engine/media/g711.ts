/**
 * G.711: the two companding laws of the telephone network, 8 bits per sample at 8 kHz (ITU-T G.711; RTP payload
 * types 0 and 8 of RFC 3551 §4.5.14). Table-driven both ways: 65,536 bytes per law to encode, 256 samples to decode.
 */

/** The law by its name in SDP: `PCMU` is µ-law, `PCMA` is A-law. */
export type G711Law = "PCMU" | "PCMA";

const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32_635;

/** One µ-law byte to a 16-bit sample (G.711 table 2). */
function expandMulaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const exponent = (inverted >> 4) & 0x07;
  const magnitude = ((((inverted & 0x0f) << 3) + MULAW_BIAS) << exponent) - MULAW_BIAS;
  return inverted & 0x80 ? -magnitude : magnitude;
}

function compressMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(MULAW_CLIP, Math.abs(sample)) + MULAW_BIAS;
  const exponent = 31 - Math.clz32(biased) - 7;
  const mantissa = (biased >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** One A-law byte to a 16-bit sample (G.711 table 1). */
function expandAlaw(byte: number): number {
  const toggled = byte ^ 0x55;
  const exponent = (toggled >> 4) & 0x07;
  const mantissa = (toggled & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

function compressAlaw(sample: number): number {
  // A-law is symmetric about -1/2: the ones' complement of a negative sample has its magnitude.
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const exponent = magnitude < 0x10 ? 0 : 31 - Math.clz32(magnitude) - 3;
  const mantissa = exponent < 2 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function encodeTable(compress: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(65_536);
  for (let word = 0; word < 65_536; word++) table[word] = compress((word << 16) >> 16);
  return table;
}

function decodeTable(expand: (byte: number) => number): Int16Array {
  const table = new Int16Array(256);
  for (let byte = 0; byte < 256; byte++) table[byte] = expand(byte);
  return table;
}

const ENCODE = { PCMU: encodeTable(compressMulaw), PCMA: encodeTable(compressAlaw) } as const;
const DECODE = { PCMU: decodeTable(expandMulaw), PCMA: decodeTable(expandAlaw) } as const;

/** The byte of digital silence, what a sample of 0 becomes. */
export const G711_SILENCE: Readonly<Record<G711Law, number>> = {
  PCMU: compressMulaw(0),
  PCMA: compressAlaw(0),
};

/**
 * Compresses samples to one byte each. Writes into `into` from `offset` when given (it must have room), else into a
 * new array; returns the array written to.
 */
export function encodeG711(law: G711Law, pcm: Int16Array, into?: Uint8Array, offset = 0): Uint8Array {
  const table = ENCODE[law];
  const bytes = into ?? new Uint8Array(offset + pcm.length);
  for (let i = 0; i < pcm.length; i++) bytes[offset + i] = table[(pcm[i] as number) & 0xffff] as number;
  return bytes;
}

/** Expands bytes to one 16-bit sample each, into `into` from its start when given, else into a new array. */
export function decodeG711(law: G711Law, bytes: Uint8Array, into?: Int16Array): Int16Array {
  const table = DECODE[law];
  const pcm = into ?? new Int16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pcm[i] = table[bytes[i] as number] as number;
  return pcm;
}

/** 16-bit samples as little-endian bytes, the order of WAV, whatever this machine's own order is. */
export function pcmToBytes(pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(pcm.length * 2);
  for (let i = 0; i < pcm.length; i++) {
    const sample = pcm[i] as number;
    bytes[2 * i] = sample & 0xff;
    bytes[2 * i + 1] = (sample >> 8) & 0xff;
  }
  return bytes;
}

/** Little-endian bytes as 16-bit samples; a last odd byte is left out. */
export function bytesToPcm(bytes: Uint8Array): Int16Array {
  const pcm = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < pcm.length; i++) {
    pcm[i] = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8);
  }
  return pcm;
}
