/**
 * `POST /webservice/queuecall.php` and `/webservice/queuecalls.php`, also below `/outbound`: Plum DEV's interface to
 * queue one call or a list. Answers are XML; whether the call was queued is said by the root's `status`, and by HTTP
 * only where the request could not be read, since clients of this interface look at the document.
 */
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { FormReader } from "../http/form-body.ts";
import { XML_TYPE, type XmlElement, xmlDocument, xmlDocumentInPieces } from "../http/xml-answer.ts";
import type { FormFields } from "../intake/call-fields.ts";
import type { Authenticator } from "../intake/credentials.ts";
import type { FieldProblem } from "../intake/field-problem.ts";
import type { Intake, QueuedUpload } from "../intake/intake.ts";
import type { Account } from "../store/store.ts";

export interface WebserviceParts {
  readonly intake: Intake;
  readonly authenticator: Authenticator;
  readonly forms: FormReader;
}

/** A self-hosted Plum system has the same paths below `/outbound`. */
const PREFIXES = ["", "/outbound"];

/** Fields that an answer repeats. */
const ECHOED = [
  "login",
  "phone_number",
  "campaign_name",
  "start_url",
  "result_url",
  "message_reference",
  "call_parameters",
  "campaign_parameters",
  "max_retries",
  "max_retry",
  "retry_interval",
  "scheduled_timestamp",
  "expiration_timestamp",
  "scheduled_time",
  "expiration_time",
];

// LIMIT: calls per piece of a long answer.
const CALLS_PER_PIECE = 1_000;

export function webserviceRoutes(server: FastifyInstance, parts: WebserviceParts): void {
  const { intake, authenticator, forms } = parts;
  for (const prefix of PREFIXES) {
    server.post(`${prefix}/webservice/queuecall.php`, async (request, reply) => {
      const { fields } = await forms.read(request);
      const identified = await identify(authenticator, fields);
      if ("problems" in identified) return refuse(reply, "queuecall", fields, identified.problems);
      const result = await intake.queueCall(identified.account, fields);
      if (!result.queued) return refuse(reply, "queuecall", fields, result.problems);
      const content = { "@status": "queued", "@call_id": result.callId, ...echo(fields) };
      return reply.type(XML_TYPE).send(xmlDocument("queuecall", content));
    });

    server.post(`${prefix}/webservice/queuecalls.php`, async (request, reply) => {
      const { fields, file } = await forms.read(request);
      const identified = await identify(authenticator, fields);
      if ("problems" in identified) return refuse(reply, "queuecalls", fields, identified.problems);
      const result = await intake.queueList(identified.account, fields, file);
      if (!result.queued) return refuse(reply, "queuecalls", fields, result.problems);
      return reply.type(XML_TYPE).send(Readable.from(uploadAnswer(fields, result)));
    });
  }
}

async function identify(
  authenticator: Authenticator,
  fields: FormFields,
): Promise<{ readonly account: Account } | { readonly problems: readonly FieldProblem[] }> {
  const problems = ["login", "pin"]
    .filter((field) => !fields[field])
    .map((field) => ({ field, message: "is missing" }));
  if (problems.length > 0) return { problems };
  const account = await authenticator.authenticate(fields.login ?? "", fields.pin ?? "");
  // One message for both, so that logins cannot be told apart from outside.
  return account
    ? { account }
    : { problems: [{ field: "login", message: "and pin do not belong together" }] };
}

function refuse(
  reply: FastifyReply,
  service: string,
  fields: FormFields,
  problems: readonly FieldProblem[],
): FastifyReply {
  const error = problems.map(({ field, row, message }) => ({
    ...(row === undefined ? {} : { "@row": row }),
    ...(field === "" ? {} : { "@field": field }),
    "#text": `${row === undefined ? "" : `row ${row}: `}${field === "" ? "" : `${field} `}${message}`,
  }));
  return reply.type(XML_TYPE).send(xmlDocument(service, { "@status": "failed", ...echo(fields), error }));
}

function uploadAnswer(fields: FormFields, upload: QueuedUpload): AsyncGenerator<string> {
  const { campaignId, campaignName, calls } = upload;
  const head: XmlElement = {
    "@status": "queued",
    "@campaign_id": campaignId,
    "@calls": calls.length,
    ...echo({ ...fields, campaign_name: campaignName }),
  };
  return xmlDocumentInPieces("queuecalls", head, "call", piecesOf(calls), nextTurn);
}

function* piecesOf(calls: QueuedUpload["calls"]): Generator<XmlElement[]> {
  for (let start = 0; start < calls.length; start += CALLS_PER_PIECE) {
    yield calls
      .slice(start, start + CALLS_PER_PIECE)
      .map(({ callId, phoneNumber }) => ({ "@call_id": callId, "@phone_number": phoneNumber }));
  }
}

// DEVIATES: Plum's sample answer repeats the pin too; a secret does not belong into logs of answers.
function echo(fields: FormFields): Record<string, string> {
  return Object.fromEntries(
    ECHOED.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name] ?? ""]),
  );
}
