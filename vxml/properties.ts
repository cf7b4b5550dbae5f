/** The properties of VoiceXML 2.0 §6.3 that the interpreter reads: default per profile, kind, unit. */
import type { ProfileName } from "./effects.ts";
import type { Property } from "./model/document.ts";
import { parseTimeDesignation } from "./time-designation.ts";

interface PropertyRow {
  readonly kind: "time" | "boolean" | "text" | "seconds";
  readonly w3c: string;
  readonly plum: string;
}

export const PROPERTIES = {
  // §6.3.3
  interdigittimeout: { kind: "time", w3c: "3s", plum: "1s" },
  termtimeout: { kind: "time", w3c: "0s", plum: "0s" },
  termchar: { kind: "text", w3c: "#", plum: "#" },
  /** Plum: a full match ends the input at once. */
  termmaxdigits: { kind: "boolean", w3c: "true", plum: "false" },
  // §6.3.4
  bargein: { kind: "boolean", w3c: "true", plum: "true" },
  bargeintype: { kind: "text", w3c: "speech", plum: "speech" },
  timeout: { kind: "time", w3c: "5s", plum: "3s" },
  // §6.3.5; an empty age leaves freshness to HTTP
  fetchtimeout: { kind: "time", w3c: "30s", plum: "30s" },
  /** Empty: nothing is played while a document is fetched. */
  fetchaudio: { kind: "text", w3c: "", plum: "" },
  fetchaudiodelay: { kind: "time", w3c: "2s", plum: "2s" },
  fetchaudiominimum: { kind: "time", w3c: "5s", plum: "5s" },
  /** Plum: whether an https server must prove its name. */
  certverifypeer: { kind: "boolean", w3c: "true", plum: "true" },
  documentmaxage: { kind: "seconds", w3c: "", plum: "" },
  documentmaxstale: { kind: "seconds", w3c: "", plum: "" },
  grammarmaxage: { kind: "seconds", w3c: "", plum: "" },
  grammarmaxstale: { kind: "seconds", w3c: "", plum: "" },
  scriptmaxage: { kind: "seconds", w3c: "", plum: "" },
  scriptmaxstale: { kind: "seconds", w3c: "", plum: "" },
  // VoiceXML 2.1 §5.1
  datamaxage: { kind: "seconds", w3c: "", plum: "" },
  datamaxstale: { kind: "seconds", w3c: "", plum: "" },
  audiomaxage: { kind: "seconds", w3c: "", plum: "" },
  audiomaxstale: { kind: "seconds", w3c: "", plum: "" },
  // §6.3.6
  inputmodes: { kind: "text", w3c: "dtmf voice", plum: "dtmf voice" },
  universals: { kind: "text", w3c: "none", plum: "none" },
  maxnbest: { kind: "text", w3c: "1", plum: "1" },
  confidencelevel: { kind: "text", w3c: "0.5", plum: "0.5" },
  // VoiceXML 2.1 §7
  recordutterance: { kind: "boolean", w3c: "false", plum: "false" },
  recordutterancetype: { kind: "text", w3c: "audio/x-wav", plum: "audio/basic" },
  /** Plum: the call is recorded from here on. Empty: as the host does by itself. */
  recordcall: { kind: "boolean", w3c: "", plum: "" },
  /** Asynchronous events a waiting state may be interrupted by, such as `voxdial.beep`. */
  "voxdial.events": { kind: "text", w3c: "", plum: "" },
} as const satisfies Record<string, PropertyRow>;

export type PropertyName = keyof typeof PROPERTIES;

/** The properties in force at one place: the innermost list that names one decides (§6.3). */
export class PropertyScope {
  readonly #levels: readonly (readonly Property[])[];
  readonly #settings: Readonly<Record<string, string>>;
  readonly #profile: ProfileName;

  /** `levels` from the inside out; `settings` are the host's, below all documents. */
  constructor(
    levels: readonly (readonly Property[])[],
    settings: Readonly<Record<string, string>>,
    profile: ProfileName,
  ) {
    this.#levels = levels;
    this.#settings = settings;
    this.#profile = profile;
  }

  text(name: PropertyName): string {
    for (const level of this.#levels) {
      const found = level.findLast((property) => property.name === name);
      if (found) return found.value.trim();
    }
    const setting = Object.hasOwn(this.#settings, name) ? this.#settings[name] : undefined;
    return setting ?? PROPERTIES[name][this.#profile];
  }

  /** Milliseconds. A value that is no time designation leaves the default in force. */
  milliseconds(name: PropertyName): number {
    return (
      parseTimeDesignation(this.text(name)) ?? parseTimeDesignation(PROPERTIES[name][this.#profile]) ?? 0
    );
  }

  flag(name: PropertyName): boolean {
    const text = this.text(name);
    return text === "true" || (text !== "false" && PROPERTIES[name][this.#profile] === "true");
  }

  /** Seconds; undefined when HTTP alone decides. */
  seconds(name: PropertyName): number | undefined {
    const match = /^(\d+)\s*s?$/.exec(this.text(name));
    return match ? Number(match[1]) : undefined;
  }

  words(name: PropertyName): string[] {
    return this.text(name)
      .split(/\s+/)
      .filter((word) => word !== "");
  }
}
