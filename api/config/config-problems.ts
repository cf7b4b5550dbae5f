/** What is wrong with a configuration: against its schema, and between settings that belong together. */
import { Settings } from "typebox/system";
import { Value } from "typebox/value";
import { networkProblem } from "../fetching/address-guard.ts";
import { settings } from "./config-paths.ts";
import { type Config, ConfigSchema } from "./config-schema.ts";

export interface ConfigProblem {
  /** Dotted path of the setting; `accounts[0].login` for items of a list. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

// LIMIT: each setting of the schema could be wrong several times over.
const MAX_ERRORS = 1_000;

/** Every departure from the schema, one problem per setting. */
export function schemaProblems(config: unknown): ConfigProblem[] {
  const byPath = new Map<string, ConfigProblem>();
  for (const error of everyError(config)) {
    const path = dotted(error.instancePath);
    // An unknown key is told twice, once by its owner: keep the one that has the key's own path.
    if (error.keyword === "additionalProperties") continue;
    if (error.keyword === "boolean") {
      byPath.set(path, { path, message: "is no known setting", hint: nearest(path) });
    } else if (error.keyword === "required") {
      for (const name of (error.params as { requiredProperties: string[] }).requiredProperties) {
        const missing = path === "" ? name : `${path}.${name}`;
        byPath.set(missing, { path: missing, message: "is missing" });
      }
    } else if (error.keyword === "anyOf") {
      const words = wordsAt(path);
      byPath.set(path, { path, message: words ? `must be one of ${words}` : error.message });
    } else if (error.keyword !== "const" && !byPath.has(path)) {
      byPath.set(path, { path, message: error.message });
    }
  }
  return [...byPath.values()];
}

/** The validator stops at eight errors unless told otherwise, for the whole process: so only while this runs. */
function everyError(config: unknown): ReturnType<typeof Value.Errors> {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MAX_ERRORS });
  try {
    return Value.Errors(ConfigSchema, config);
  } finally {
    Settings.Set({ maxErrors });
  }
}

/** What the schema cannot see. Expects a configuration that passed it, with secrets resolved. */
export function consistencyProblems(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (path: string, message: string, hint?: string) =>
    problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });

  const { trunk } = config.deployment;
  if (trunk !== "simulated" && !(trunk in config.trunks)) {
    const names = ["simulated", ...Object.keys(config.trunks)].join(", ");
    add("deployment.trunk", `names no trunk ${JSON.stringify(trunk)}`, `known are ${names}`);
  }
  const peer = config.trunks[trunk]?.host;
  if (peer !== undefined && !isLoopback(peer) && isLoopback(config.sip.bind)) {
    add(
      "sip.bind",
      `is ${config.sip.bind}, from which the trunk ${trunk} at ${peer} cannot be reached`,
      "bind to an address of this machine that the trunk can reach, or to 0.0.0.0",
    );
  }
  for (const [name, { password, passwordEnv }] of Object.entries(config.trunks)) {
    if (passwordEnv !== undefined && password === undefined) {
      add(`trunks.${name}.passwordEnv`, `names the environment variable ${passwordEnv}, which is not set`);
    }
  }
  const logins = new Set<string>();
  for (const [index, account] of config.accounts.entries()) {
    const path = `accounts[${index}]`;
    if (logins.has(account.login)) add(`${path}.login`, "is used twice");
    logins.add(account.login);
    if (account.pin === undefined) {
      if (account.pinEnv === undefined) add(path, "has neither pin nor pinEnv");
      else add(`${path}.pinEnv`, `names the environment variable ${account.pinEnv}, which is not set`);
    }
  }
  for (const [index, network] of config.fetch.allowNetworks.entries()) {
    const problem = networkProblem(network);
    if (problem) add(`fetch.allowNetworks[${index}]`, problem);
  }
  if (config.rtp.maxPort <= config.rtp.minPort) add("rtp.maxPort", "must be above rtp.minPort");
  if (config.callbacks.maxRetrySeconds < config.callbacks.firstRetrySeconds) {
    add("callbacks.maxRetrySeconds", "must not be below callbacks.firstRetrySeconds");
  }
  const hours = config.deployment.callingHours;
  if (hours && !isTimeZone(hours.timeZone)) {
    add("deployment.callingHours.timeZone", "is no IANA time zone", "write one such as America/New_York");
  }
  if (hours && hours.from === hours.to) add("deployment.callingHours.to", "must differ from from");
  return problems;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function dotted(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`),
      "",
    );
}

function wordsAt(path: string): string | undefined {
  const schema = settings().find((setting) => setting.path === path)?.schema as
    | { anyOf?: readonly { const?: unknown }[] }
    | undefined;
  return schema?.anyOf?.map((word) => String(word.const)).join(", ");
}

/** "did you mean …", when a known path differs by a slip of the fingers. */
function nearest(path: string): string | undefined {
  let best: { path: string; distance: number } | undefined;
  const sections = new Set(settings().flatMap(({ path: known }) => [known, known.split(".")[0] ?? known]));
  for (const known of [...sections, "trunks"]) {
    const distance = editDistance(path.toLowerCase(), known.toLowerCase());
    if (!best || distance < best.distance) best = { path: known, distance };
  }
  return best && best.distance <= Math.max(2, path.length / 4) ? `did you mean ${best.path}?` : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
