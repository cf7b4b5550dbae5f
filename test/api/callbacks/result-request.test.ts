/** Where results may be sent. */
import { expect, it } from "vitest";
import { createResultAgent, postResult } from "../../../api/callbacks/result-request.ts";
import { addressRule } from "../../../api/fetching/address-guard.ts";
import type { CallRecord } from "../../../api/store/store.ts";

it("a result to an address that is closed is a failed try that says so", async () => {
  const dispatcher = createResultAgent(20_000, addressRule({ allowsLocal: true }));
  const call = {
    callId: 1,
    destination: { original: "16175551234" },
    attemptsMade: 0,
  } as unknown as CallRecord;
  const answer = await postResult("http://169.254.169.254/", call, { dispatcher, timeoutMs: 20_000 });
  expect(answer).toEqual({
    error:
      "connections to 169.254.169.254 are not allowed: it is a link-local address, which no setting opens",
    isAcknowledged: false,
  });
  await dispatcher.destroy();
});
