/** The called side of the SIP bench, in a process of its own: rings, answers, waits for BYE. */

import { systemClock } from "../api/system-clock.ts";
import { createEmbeddedBackend } from "../sip/index.ts";
import { answerOffer } from "../sip/sdp/index.ts";

const backend = createEmbeddedBackend({
  bindAddress: "127.0.0.1",
  port: 0,
  clock: systemClock,
  maxCalls: 100_000,
});
await backend.start();
backend.onInvite((call) => {
  call.progress(180);
  call.answer(
    answerOffer(call.sdpOffer ?? "", { address: "127.0.0.1", rtpPort: 20_000, rtcpPort: 20_001 }).sdp,
  );
});
// Ended with its parent, however that ends.
process.on("disconnect", () => process.exit(0));
process.send?.(backend.local);
