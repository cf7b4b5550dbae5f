/** Attributes and properties to fetch requests (VoiceXML 2.0 §6.1). */
import type { FetchAudio, FetchRequest } from "../effects.ts";
import type { FetchAttributes } from "../model/prompt.ts";
import type { PropertyName, PropertyScope } from "../properties.ts";
import { resolveUri, withoutFragment } from "./uri.ts";

type Purpose = FetchRequest["purpose"];

const MAX_AGE = {
  document: ["documentmaxage", "documentmaxstale"],
  grammar: ["grammarmaxage", "grammarmaxstale"],
  script: ["scriptmaxage", "scriptmaxstale"],
  data: ["datamaxage", "datamaxstale"],
  audio: ["audiomaxage", "audiomaxstale"],
} as const satisfies Record<Purpose, readonly [PropertyName, PropertyName]>;

type FetchLimits = Pick<
  FetchRequest,
  "timeoutMs" | "maxAgeSeconds" | "maxStaleSeconds" | "verifiesPeer" | "fetchAudio"
>;

/**
 * The limits that apply to fetching something: attributes before properties. `base`, what a relative `fetchaudio`
 * refers to, is given where the caller waits for what is fetched.
 */
export function fetchLimits(
  purpose: Purpose,
  attributes: FetchAttributes,
  properties: PropertyScope,
  base?: string,
): FetchLimits {
  const [age, stale] = MAX_AGE[purpose];
  const fetchAudio = base === undefined ? undefined : fetchAudioOf(attributes, properties, base);
  return {
    timeoutMs: attributes.timeoutMs ?? properties.milliseconds("fetchtimeout"),
    maxAgeSeconds: attributes.maxAgeSeconds ?? properties.seconds(age),
    maxStaleSeconds: attributes.maxStaleSeconds ?? properties.seconds(stale),
    ...(properties.flag("certverifypeer") ? {} : { verifiesPeer: false }),
    ...(fetchAudio ? { fetchAudio } : {}),
  };
}

/** §6.1.1: fetched as the properties for audio say. What is no URI is not played, and nothing is thrown. */
function fetchAudioOf(
  attributes: FetchAttributes,
  properties: PropertyScope,
  base: string,
): FetchAudio | undefined {
  const reference = attributes.fetchAudio ?? properties.text("fetchaudio");
  const uri = reference === "" ? undefined : resolveUri(reference, base);
  if (uri === undefined) return undefined;
  return {
    uri,
    ...fetchLimits("audio", {}, properties),
    delayMs: properties.milliseconds("fetchaudiodelay"),
    minimumMs: properties.milliseconds("fetchaudiominimum"),
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
