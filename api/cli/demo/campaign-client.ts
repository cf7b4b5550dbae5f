/** Queues the demo's calls as a customer's program would: over HTTP, reading the XML answers. */
import { XMLParser } from "fast-xml-parser";
import { CliError } from "../cli-error.ts";

export interface Credentials {
  readonly login: string;
  readonly pin: string;
}

/** Uploads a list to `queuecalls.php`; resolves with call ids by number. */
export async function queueCampaign(
  base: string,
  fields: Credentials & Readonly<Record<string, string>>,
  csv: string,
): Promise<Map<string, number>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("phone_number_list", new Blob([csv], { type: "text/csv" }), "numbers.csv");
  const answer = await post(`${base}/webservice/queuecalls.php`, form);
  return new Map(
    answer.elements("call").map((call) => [call.phone_number ?? "", Number(call.call_id)] as const),
  );
}

/** Queues one call with `queuecall.php`; resolves with its call id. */
export async function queueCall(
  base: string,
  fields: Credentials & Readonly<Record<string, string>>,
): Promise<number> {
  const answer = await post(`${base}/webservice/queuecall.php`, new URLSearchParams(fields));
  return Number(answer.attributes.call_id);
}

interface Answer {
  readonly attributes: Readonly<Record<string, string>>;
  elements(element: string): readonly Readonly<Record<string, string>>[];
}

async function post(url: string, body: FormData | URLSearchParams): Promise<Answer> {
  const response = await fetch(url, { method: "POST", body });
  const text = await response.text();
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
    isArray: (name) => name === "call",
  });
  const root = Object.entries(parser.parse(text) as Record<string, Record<string, unknown>>).find(
    ([name]) => name !== "?xml",
  )?.[1];
  if (root?.status !== "queued") throw new CliError(`${url} did not queue:\n${text}`);
  return {
    attributes: root as Record<string, string>,
    elements: (element) => (root[element] ?? []) as Record<string, string>[],
  };
}
