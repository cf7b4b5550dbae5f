/** The configuration: precedence, defaults, every mistake at once, secrets. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfigSources, loadConfig } from "../../../api/config/load-config.ts";
import { ApiError } from "../../../api/errors.ts";
import { deploymentSettings } from "../../../api/intake/configured-accounts.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const newFolder = temporaryFolders();

function fileWith(text: string): string {
  const file = join(newFolder(), "voxdial.yaml");
  writeFileSync(file, text);
  return file;
}

function problemsOf(sources: ConfigSources): { path: string; message: string; hint?: string }[] {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof ApiError) return error.details.problems as ReturnType<typeof problemsOf>;
    throw error;
  }
  return [];
}

describe("where a setting comes from", () => {
  const file = () => fileWith("http: { host: 10.0.0.1, port: 1111 }\nsip: { port: 1112 }\ndrainSeconds: 3\n");

  it("without anything every setting has its default", () => {
    expect(loadConfig({})).toMatchObject({
      dataFolder: "./voxdial-data",
      http: { host: "127.0.0.1", port: 8080 },
      deployment: { trunk: "simulated", ringTimeoutSeconds: 45, redialDeclined: false, profile: "plum" },
      limits: { minRetryIntervalSeconds: 60 },
      trunks: {},
      accounts: [],
      drainSeconds: 30,
    });
  });

  it("flags go over environment over file over default", () => {
    const config = loadConfig({
      file: file(),
      env: { VOXDIAL_HTTP_PORT: "2222", VOXDIAL_SIP_PORT: "2223", HOME: "/root" },
      flags: { "http.port": 3333, dataFolder: undefined },
    });
    expect(config.http).toEqual({ host: "10.0.0.1", port: 3333 });
    expect(config.sip.port).toBe(2223);
    expect(config.drainSeconds).toBe(3);
    expect(config.dataFolder).toBe("./voxdial-data");
  });

  it("a network that is none is named with its place", () => {
    const load = () => loadConfig({ env: { VOXDIAL_FETCH_ALLOW_NETWORKS: '["10.0.0.0/8","10.0.0.0/40"]' } });
    expect(load).toThrow(/fetch\.allowNetworks\[1\] "10\.0\.0\.0\/40" is neither/);
    const { fetch } = loadConfig({ env: { VOXDIAL_FETCH_ALLOW_NETWORKS: '["10.0.0.0/8"]' } });
    expect(fetch.allowNetworks).toEqual(["10.0.0.0/8"]);
  });

  it("JSON files are read too", () => {
    expect(loadConfig({ file: fileWith('{"http": {"port": 4444}}') }).http.port).toBe(4444);
  });

  it("variables and flags are read by the type of their setting", () => {
    const config = loadConfig({
      env: {
        VOXDIAL_DEPLOYMENT_RING_TIMEOUT_SECONDS: "2.5",
        VOXDIAL_DEPLOYMENT_REDIAL_DECLINED: "true",
        VOXDIAL_ACCOUNTS: '[{"login":"acme","pin":"0042"}]',
      },
      flags: { "dialer.callsPerSecond": "50" },
    });
    expect(config.deployment).toMatchObject({ ringTimeoutSeconds: 2.5, redialDeclined: true });
    expect(config.accounts).toEqual([{ login: "acme", pin: "0042" }]);
    expect(config.dialer.callsPerSecond).toBe(50);
  });

  it("a trunk is made of environment variables alone", () => {
    const config = loadConfig({
      env: {
        VOXDIAL_TRUNKS_CARRIER_HOST: "sip.example",
        VOXDIAL_TRUNKS_CARRIER_PASSWORD: "12345",
        VOXDIAL_TRUNKS_CARRIER_MAX_CHANNELS: "12",
      },
      flags: { "deployment.trunk": "carrier", "sip.bind": "0.0.0.0" },
    });
    expect(config.trunks.carrier).toEqual({
      host: "sip.example",
      port: 5060,
      password: "12345",
      maxChannels: 12,
    });
  });

  it("is frozen in depth", () => {
    const config = loadConfig({ flags: { accounts: [{ login: "a", pin: "1" }] } });
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.accounts[0] ?? {}, { pin: "2" })).toThrow(TypeError);
  });
});

describe("mistakes", () => {
  it("are told all at once, with path and hint", () => {
    const file = fileWith(
      "htpp: { port: 1 }\nhttp: { port: 70000, hots: x }\ndeployment: { profile: w4c }\nspeech: { provider: [] }\n" +
        "trunks: { a: { port: 5060 }, b: { host: h, callsPerSecond: 0, colour: red } }\naccounts: [ { pin: '1' } ]\n",
    );
    const problems = problemsOf({ file, env: { VOXDIAL_HTPP_PORT: "1", VOXDIAL_DRAIN_SECONDS: "soon" } });
    const told = Object.fromEntries(
      problems.map(({ path, message, hint }) => [path, `${message}; ${hint ?? ""}`]),
    );
    expect(told).toEqual({
      htpp: "is no known setting; did you mean http?",
      "http.port": expect.stringContaining("<= 65535"),
      "http.hots": "is no known setting; did you mean http.host?",
      "deployment.profile": "must be one of plum, w3c; ",
      "speech.provider": "must be one of flite, espeak-ng; ",
      "trunks.a.host": "is missing; ",
      "trunks.b.callsPerSecond": expect.stringContaining("> 0"),
      "trunks.b.colour": expect.stringContaining("is no known setting"),
      "accounts[0].login": "is missing; ",
      drainSeconds: expect.stringContaining("number"),
      VOXDIAL_HTPP_PORT: expect.stringContaining("no known environment variable"),
    });
  });

  it("name the file, the variable or the command line they came from", () => {
    const sources = { env: { VOXDIAL_HTTP_PORT: "eighty" }, flags: { "sip.port": -1 } };
    expect(() => loadConfig(sources)).toThrow(/http\.port .*\(environment variable VOXDIAL_HTTP_PORT\)/);
    expect(() => loadConfig(sources)).toThrow(/sip\.port .*\(command line\)/);
  });

  it.each([
    [{ flags: { "deployment.trunk": "carrier" } }, "deployment.trunk"],
    [{ flags: { "rtp.minPort": 30_000 } }, "rtp.maxPort"],
    [{ flags: { accounts: [{ login: "a" }] } }, "accounts[0]"],
    [{ flags: { accounts: [{ login: "a", pinEnv: "NOT_SET" }] } }, "accounts[0].pinEnv"],
    [
      {
        flags: {
          accounts: [
            { login: "a", pin: "1" },
            { login: "a", pin: "2" },
          ],
        },
      },
      "accounts[1].login",
    ],
    [{ flags: { trunks: { t: { host: "h", passwordEnv: "NOT_SET" } } } }, "trunks.t.passwordEnv"],
    [{ flags: { "trunks.t.password": "secret", "trunks.t.host": "h" } }, "trunks.t.password"],
    [
      { flags: { "deployment.callingHours": { timeZone: "Mars/Base", from: "09:00", to: "17:00" } } },
      "deployment.callingHours.timeZone",
    ],
  ])("%j is refused at %s", (sources, path) => {
    expect(problemsOf(sources).map((problem) => problem.path)).toEqual([path]);
  });

  it("of a file's syntax and of a missing file are told in words", () => {
    expect(() => loadConfig({ file: fileWith("http: [") })).toThrow(/voxdial\.yaml/);
    expect(() => loadConfig({ file: "/nowhere/voxdial.yaml" })).toThrow(/cannot be read/);
    expect(() => loadConfig({ file: fileWith("- a\n- b\n") })).toThrow(/settings by name/);
  });
});

describe("secrets", () => {
  it("named by a variable are read from it, whatever the variable is called", () => {
    const config = loadConfig({
      file: fileWith(
        "accounts: [{ login: acme, pinEnv: VOXDIAL_ACME_PIN }]\ntrunks: { t: { host: h, passwordEnv: T_PASSWORD } }\n",
      ),
      env: { VOXDIAL_ACME_PIN: "0123", T_PASSWORD: "p w" },
    });
    expect(config.accounts[0]?.pin).toBe("0123");
    expect(config.trunks.t?.password).toBe("p w");
  });

  it("never appear in a message", () => {
    const sources = { env: { VOXDIAL_ACCOUNTS: '[{"login":"","pin":"topsecret-and-too-long"}]' } };
    try {
      loadConfig(sources);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("topsecret");
      expect(JSON.stringify((error as ApiError).details)).not.toContain("topsecret");
    }
  });
});

it("a trunk elsewhere cannot be reached from a loopback address", () => {
  const file = fileWith("trunks: { t: { host: sip.example } }\ndeployment: { trunk: t }\n");
  expect(() => loadConfig({ file })).toThrow(/sip\.bind[\s\S]*cannot be reached/);
  expect(loadConfig({ file, flags: { "sip.bind": "192.0.2.10" } }).sip.bind).toBe("192.0.2.10");
});

it("the deployment's settings take the trunk's caller ID and the calling hours", () => {
  const config = loadConfig({
    file: fileWith(
      "trunks: { t: { host: h, callerId: '+12125551234' } }\nsip: { bind: 0.0.0.0 }\n" +
        "deployment: { trunk: t, callingHours: { timeZone: Europe/Berlin, days: [1, 2], from: '09:30', to: '24:00' } }\n",
    ),
  });
  expect(deploymentSettings(config)).toMatchObject({
    trunk: "t",
    callerId: "+12125551234",
    ringTimeoutMs: 45_000,
    callingWindow: { timeZone: "Europe/Berlin", days: [1, 2], fromMinute: 570, toMinute: 1_440 },
  });
});
