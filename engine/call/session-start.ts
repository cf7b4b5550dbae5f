/**
 * What a voice session begins with: the fields sent to the start URL at the answer, and the tree behind
 * `session` (VoiceXML 2.0 §5.1.4, with Plum's additions).
 */
import type { SessionVariables } from "../../vxml/index.ts";
import { scriptSessionId } from "../ids.ts";
import type { ClaimedCall } from "../model/call.ts";
import type { LiveCalleeType } from "../model/callee-type.ts";

/**
 * The form fields of the start request, in Plum's order, every one of them always present. Further columns of the
 * uploaded list follow; a column named like one of Plum's fields does not replace it.
 */
export function startFieldsOf(claimed: ClaimedCall): ReadonlyArray<readonly [name: string, value: string]> {
  const { call } = claimed;
  const fields: (readonly [string, string])[] = [
    ["phone_number", call.destination.original],
    ["call_id", String(call.callId)],
    ["message_reference", call.messageReference ?? ""],
    ["campaign_parameters", call.campaignParameters ?? ""],
    ["call_parameters", call.callParameters ?? ""],
  ];
  const taken = new Set(fields.map(([name]) => name));
  for (const [name, value] of Object.entries(call.variables)) {
    if (!taken.has(name)) fields.push([name, value]);
  }
  return fields;
}

/**
 * The tree a script reads as `session`. `connection.callee_type` is `processing` until the classifier decides, and
 * `unknown` from the start where it is switched off;
 * `connection.beep` and `connection.greeting_end` are undefined until they are heard.
 */
export function sessionVariablesOf(
  claimed: ClaimedCall,
  callerId: string | undefined,
  nowMs: number,
  calleeType: LiveCalleeType = "processing",
): SessionVariables {
  const { call, attemptId } = claimed;
  const ani = callerId ?? "";
  const dnis = call.destination.number;
  const local = { uri: `tel:${ani}` };
  const remote = { uri: `tel:${dnis}` };
  return {
    id: scriptSessionId(attemptId, nowMs),
    callid: call.callId,
    telephone: { ani, dnis },
    connection: {
      local,
      remote,
      // The call is ours: the originator is the local device.
      originator: local,
      protocol: { name: "sip", version: "2.0" },
      callee_type: calleeType,
    },
  };
}
