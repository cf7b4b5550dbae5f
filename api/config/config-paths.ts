/** The settings by path: `http.port`, the environment variable that sets it, and the text forms of values. */
import type { TSchema } from "typebox";
import { ConfigSchema, TrunkSchema } from "./config-schema.ts";

/** A setting that one value sets. */
export interface Setting {
  /** Dotted path, such as `deployment.ringTimeoutSeconds`. */
  readonly path: string;
  readonly schema: TSchema;
}

type SchemaParts = TSchema & {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
};

/** Every setting outside of `trunks`, in the order of the schema. */
export function settings(): readonly Setting[] {
  return leaves(ConfigSchema, "").filter(({ path }) => path !== "trunks");
}

/** `deployment.ringTimeoutSeconds` is set by `VOXDIAL_DEPLOYMENT_RING_TIMEOUT_SECONDS`. */
export function environmentName(path: string): string {
  const words = path.replaceAll(".", "_").replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2");
  return `VOXDIAL_${words.toUpperCase()}`;
}

/** The setting behind `VOXDIAL_TRUNKS_<NAME>_<FIELD>`; the name is read in lower case. */
export function trunkSetting(variable: string): Setting | undefined {
  const rest = /^VOXDIAL_TRUNKS_(.+)$/.exec(variable)?.[1];
  if (!rest) return undefined;
  for (const { path, schema } of leaves(TrunkSchema, "")) {
    const suffix = environmentName(path).slice("VOXDIAL".length);
    if (rest.endsWith(suffix) && rest.length > suffix.length) {
      return { path: `trunks.${rest.slice(0, -suffix.length).toLowerCase()}.${path}`, schema };
    }
  }
  return undefined;
}

/** Reads a text as the type its setting has; what does not fit stays text, for the check to name. */
export function valueFromText(text: string, schema: TSchema): unknown {
  const { type } = schema as SchemaParts;
  if (type === "integer" || type === "number") return text.trim() === "" ? text : numberOr(text);
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "array" || type === "object") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

function numberOr(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function leaves(schema: TSchema, prefix: string): Setting[] {
  const { type, properties } = schema as SchemaParts;
  if (type !== "object" || !properties) return [{ path: prefix, schema }];
  return Object.entries(properties).flatMap(([name, property]) =>
    leaves(property, prefix === "" ? name : `${prefix}.${name}`),
  );
}
