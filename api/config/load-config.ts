/**
 * Reads the configuration: flags over environment over file over default. Everything that is wrong is said at once,
 * each with its path, where it came from, and what would be right. The result is complete and frozen.
 */
import { readFileSync } from "node:fs";
import { Value } from "typebox/value";
import { parse as parseYaml } from "yaml";
import { ApiError } from "../errors.ts";
import { environmentName, settings, trunkSetting, valueFromText } from "./config-paths.ts";
import { type ConfigProblem, consistencyProblems, schemaProblems } from "./config-problems.ts";
import { type Config, ConfigSchema, TrunkSchema } from "./config-schema.ts";

export interface ConfigSources {
  /** By dotted path, such as `{ "http.port": 8080 }`. Undefined values are as if absent; texts are read by type. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Usually `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of a YAML or JSON file. */
  readonly file?: string;
}

/** Paths that must not be given where every user of the machine reads them. */
const SECRET = /(?:^|\.)(?:password|pin)$/;

/**
 * Loads, checks and freezes.
 *
 * @throws ApiError `API_CONFIG_INVALID`; `details.problems` lists every `ConfigProblem`.
 */
export function loadConfig(sources: ConfigSources): Config {
  const env = sources.env ?? {};
  const problems: ConfigProblem[] = [];
  const tree = sources.file === undefined ? {} : readConfigFile(sources.file);
  const origins = new Map<string, string>();

  const known = new Map(settings().map((setting) => [environmentName(setting.path), setting]));
  const unknownVariables: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("VOXDIAL_") || text === undefined) continue;
    const setting = known.get(variable) ?? trunkSetting(variable);
    if (!setting) unknownVariables.push(variable);
    else {
      setPath(tree, setting.path, valueFromText(text, setting.schema));
      origins.set(setting.path, `environment variable ${variable}`);
    }
  }
  const byPath = new Map(settings().map((setting) => [setting.path, setting]));
  for (const [path, value] of Object.entries(sources.flags ?? {})) {
    if (value === undefined) continue;
    if (SECRET.test(path)) {
      problems.push({
        path,
        message: "must not be given on the command line",
        hint: "use a file or the environment",
      });
      continue;
    }
    const schema = byPath.get(path)?.schema;
    setPath(tree, path, schema && typeof value === "string" ? valueFromText(value, schema) : value);
    origins.set(path, "command line");
  }

  const config = Value.Default(ConfigSchema, tree) as Record<string, unknown>;
  // Defaults below a record with free names are not filled in by themselves.
  if (isTree(config.trunks)) {
    for (const [name, trunk] of Object.entries(config.trunks)) {
      if (isTree(trunk)) config.trunks[name] = Value.Default(TrunkSchema, trunk);
    }
  }
  problems.push(...schemaProblems(config));
  if (problems.length === 0) {
    resolveSecrets(config, env);
    problems.push(...consistencyProblems(config as unknown as Config));
  }
  const secretNames = namedVariables(tree);
  for (const variable of unknownVariables) {
    if (secretNames.has(variable)) continue;
    problems.push({
      path: variable,
      message: "is no known environment variable",
      hint: "check its spelling",
    });
  }
  if (problems.length > 0) throw invalid(problems, origins, sources.file);
  return deepFreeze(config) as unknown as Config;
}

type Tree = Record<string, unknown>;

function readConfigFile(file: string): Tree {
  const fail = (message: string, cause: unknown) =>
    new ApiError("API_CONFIG_INVALID", `${file}: ${message}`, {
      details: { problems: [{ path: "", message }] },
      cause,
    });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw fail(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  let tree: unknown;
  try {
    // JSON is YAML, so one reader serves both.
    tree = parseYaml(text);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error), error);
  }
  if (tree === null || tree === undefined) return {};
  if (!isTree(tree)) throw fail("must hold settings by name", undefined);
  return tree;
}

function setPath(tree: Tree, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let node = tree;
  for (const name of names) {
    const next = node[name];
    if (isTree(next)) node = next;
    else {
      const made: Tree = {};
      node[name] = made;
      node = made;
    }
  }
  node[last] = value;
}

/** Puts the values of `passwordEnv` and `pinEnv` where `password` and `pin` are read. */
function resolveSecrets(config: Tree, env: Readonly<Record<string, string | undefined>>): void {
  const fill = (owner: unknown, secret: string, variable: string) => {
    if (!isTree(owner) || typeof owner[variable] !== "string") return;
    owner[secret] ??= env[owner[variable]];
  };
  for (const trunk of Object.values((config.trunks ?? {}) as Tree)) fill(trunk, "password", "passwordEnv");
  for (const account of config.accounts as unknown[]) fill(account, "pin", "pinEnv");
}

function namedVariables(tree: Tree): Set<string> {
  const owners = [
    ...(isTree(tree.trunks) ? Object.values(tree.trunks) : []),
    ...(Array.isArray(tree.accounts) ? tree.accounts : []),
  ].filter(isTree);
  return new Set(owners.flatMap((owner) => [String(owner.passwordEnv), String(owner.pinEnv)]));
}

function invalid(
  problems: readonly ConfigProblem[],
  origins: ReadonlyMap<string, string>,
  file: string | undefined,
): ApiError {
  const lines = problems.map(({ path, message, hint }) => {
    const origin = origins.get(path) ?? (file === undefined ? undefined : file);
    return `  ${path} ${message}${origin === undefined ? "" : ` (${origin})`}${hint === undefined ? "" : `: ${hint}`}`;
  });
  return new ApiError("API_CONFIG_INVALID", `The configuration has mistakes:\n${lines.join("\n")}`, {
    details: { problems },
  });
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const child of Object.values(value))
    if (typeof child === "object" && child !== null) deepFreeze(child);
  return Object.freeze(value);
}
