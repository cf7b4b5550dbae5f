/** Timer values of RFC 3261 table 4 and RFC 6026, in milliseconds. */

/** Estimate of the round trip. */
export const T1_MS = 500;
/** Longest interval between retransmissions of non-INVITE requests and INVITE responses. */
export const T2_MS = 4000;
/** Longest time a message stays in the network. */
export const T4_MS = 5000;
/** Timers B, F, H, J, L and M: a transaction that heard nothing gives up. */
export const TRANSACTION_TIMEOUT_MS = 64 * T1_MS;
/** Timer D on unreliable transports: at least 32 s. */
export const TIMER_D_MS = 32_000;
/** §17.2.1: without another response by then, 100 is sent. */
export const TRYING_DELAY_MS = 200;
