/** Names of a leg and of a voice session, and how a phone number is shown where strangers may read. */

/** Names the leg, and the voice session on it, of one attempt; unique within one data folder. */
export function legIdOf(callId: number, attemptId: number): string {
  return `call-${callId}-attempt-${attemptId}`;
}

/**
 * The value of `session.id` in a script: six characters of server, three digits of channel, and the UNIX time
 * at which the channel became ready, as scripts written for Plum expect (`000000;001;1037737318`).
 */
export function scriptSessionId(attemptId: number, nowMs: number): string {
  const channel = String(attemptId % 1000).padStart(3, "0");
  return `000000;${channel};${Math.floor(nowMs / 1000)}`;
}

/**
 * A phone number with its middle hidden, for logs: `+16175551234` reads `+161*****34`. What is too short to
 * hide anything is hidden whole.
 */
export function maskNumber(number: string): string {
  if (number.length < 8) return "*".repeat(number.length);
  return number.slice(0, 4) + "*".repeat(number.length - 6) + number.slice(-2);
}
