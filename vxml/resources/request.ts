/** Attributes and properties to fetch requests (VoiceXML 2.0 §6.1). */
import type { FetchRequest } from "../effects.ts";
import type { FetchAttributes } from "../model/prompt.ts";
import type { PropertyName, PropertyScope } from "../properties.ts";
import { withoutFragment } from "./uri.ts";

type Purpose = FetchRequest["purpose"];

const MAX_AGE = {
  document: ["documentmaxage", "documentmaxstale"],
  grammar: ["grammarmaxage", "grammarmaxstale"],
  script: ["scriptmaxage", "scriptmaxstale"],
  data: ["datamaxage", "datamaxstale"],
  audio: ["audiomaxage", "audiomaxstale"],
} as const satisfies Record<Purpose, readonly [PropertyName, PropertyName]>;

/** The limits that apply to fetching something: attributes before properties. */
export function fetchLimits(
  purpose: Purpose,
  attributes: FetchAttributes,
  properties: PropertyScope,
): { timeoutMs: number; maxAgeSeconds?: number; maxStaleSeconds?: number } {
  const [age, stale] = MAX_AGE[purpose];
  return {
    timeoutMs: attributes.timeoutMs ?? properties.milliseconds("fetchtimeout"),
    maxAgeSeconds: attributes.maxAgeSeconds ?? properties.seconds(age),
    maxStaleSeconds: attributes.maxStaleSeconds ?? properties.seconds(stale),
  };
}

/** A plain GET of a resource. `uri` is absolute. */
export function getRequest(
  purpose: Purpose,
  uri: string,
  attributes: FetchAttributes,
  properties: PropertyScope,
): FetchRequest {
  return {
    purpose,
    uri: withoutFragment(uri),
    method: "GET",
    ...fetchLimits(purpose, attributes, properties),
  };
}
