/** The settings as a document: one table row each, from the schema itself. */
import type { TSchema } from "typebox";
import { environmentName, settings } from "./config-paths.ts";
import { TrunkSchema } from "./config-schema.ts";

interface Described extends TSchema {
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly { readonly const?: unknown }[];
}

/** The Markdown of `docs/configuration.md`. */
export function settingsDocument(): string {
  const rows = settings().map(({ path, schema }) => row(path, environmentName(path), schema));
  const trunkRows = Object.entries(TrunkSchema.properties).map(([name, schema]) =>
    row(`trunks.<name>.${name}`, environmentName(`trunks.<NAME>.${name}`), schema),
  );
  return `# Configuration

One schema for all: a flag wins over the environment, the environment over the file, the file over the default. Unknown
keys are refused, and every problem is reported at once. The file is YAML or JSON: \`voxdial serve --config FILE\`.

| setting | environment | default | range | meaning |
|---|---|---|---|---|
${rows.join("\n")}

## Trunks

Named SIP peers; \`voxdial serve --trunk NAME\` dials through one.

| setting | environment | default | range | meaning |
|---|---|---|---|---|
${trunkRows.join("\n")}
`;
}

function row(path: string, environment: string, schema: TSchema): string {
  const { default: fallback, description = "" } = schema as Described;
  const shown = fallback === undefined ? "" : `\`${JSON.stringify(fallback)}\``;
  return `| \`${path}\` | \`${environment}\` | ${shown} | ${range(schema as Described)} | ${description} |`;
}

function range(schema: Described): string {
  if (schema.anyOf) return schema.anyOf.map((choice) => `\`${choice.const}\``).join(", ");
  const { minimum, exclusiveMinimum, maximum } = schema;
  const low =
    minimum !== undefined
      ? `from ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : "";
  return [low, maximum === undefined ? "" : `to ${maximum}`].filter(Boolean).join(" ");
}
