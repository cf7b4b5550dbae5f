/**
 * Every setting: its type, range, default and meaning. The configuration file, the environment and the flags are all
 * read by this one schema; `voxdial serve --help` and the documents show it.
 */
import Type, { type Static, type TSchema } from "typebox";

const CLOSED = { additionalProperties: false };
const Port = (fallback: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: fallback, description });
const OneOf = <Words extends string[]>(words: [...Words], fallback: Words[number], description: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)) as {
      [Index in keyof Words]: ReturnType<typeof literal<Words[Index]>>;
    },
    { default: fallback, description },
  );
const literal = <Word extends string>(word: Word) => Type.Literal(word);
const Section = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { ...CLOSED, default: {} });
const EnvironmentName = (description: string) =>
  Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$", description });

export const TrunkSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: "Host name or IP address of the SIP peer." }),
    port: Port(5060, "UDP port of the SIP peer."),
    username: Type.Optional(
      Type.String({ minLength: 1, description: "User name for digest authentication." }),
    ),
    password: Type.Optional(
      Type.String({ description: "Password; only in a file or the environment, never a flag." }),
    ),
    passwordEnv: Type.Optional(EnvironmentName("Environment variable that holds the password.")),
    callerId: Type.Optional(
      Type.String({ pattern: "^\\+?[0-9]{3,15}$", description: "Caller ID of calls that bring none." }),
    ),
    maxChannels: Type.Optional(
      Type.Integer({ minimum: 1, description: "Simultaneous calls the trunk allows." }),
    ),
    callsPerSecond: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 10_000,
        description: "Call attempts per second it allows.",
      }),
    ),
    allowedSources: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: "Addresses INVITEs may come from, beside the host itself.",
      }),
    ),
  },
  CLOSED,
);

const AccountEntry = Type.Object(
  {
    login: Type.String({
      minLength: 1,
      maxLength: 128,
      description: "Login name of the outbound interfaces.",
    }),
    pin: Type.Optional(Type.String({ minLength: 1, maxLength: 16, description: "PIN; kept as a hash." })),
    pinEnv: Type.Optional(EnvironmentName("Environment variable that holds the PIN.")),
  },
  CLOSED,
);

const CallingHours = Type.Object(
  {
    timeZone: Type.String({ default: "UTC", description: "IANA time zone, such as America/New_York." }),
    days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
      default: [1, 2, 3, 4, 5, 6, 7],
      description: "ISO weekdays: 1 is Monday, 7 is Sunday.",
    }),
    from: Type.String({ pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$", description: "First minute, HH:MM." }),
    to: Type.String({ pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description: "End, HH:MM." }),
  },
  CLOSED,
);

export const ConfigSchema = Type.Object(
  {
    dataFolder: Type.String({
      minLength: 1,
      default: "./voxdial-data",
      description: "Databases and recordings; one process at a time works on it.",
    }),
    http: Section({
      host: Type.String({ default: "127.0.0.1", description: "Address the HTTP interfaces listen on." }),
      port: Port(8080, "Port of the HTTP interfaces; 0 picks a free one."),
    }),
    sip: Section({
      bind: Type.String({ default: "127.0.0.1", description: "Address SIP listens on." }),
      port: Port(5060, "UDP port of SIP; 0 picks a free one."),
      advertisedAddress: Type.Optional(
        Type.String({
          description: "Address the far end reaches us at, behind NAT. Default: the bound one.",
        }),
      ),
    }),
    rtp: Section({
      bind: Type.Optional(Type.String({ description: "Address RTP listens on. Default: sip.bind." })),
      minPort: Type.Integer({
        minimum: 1024,
        maximum: 65_534,
        default: 20_000,
        description: "First RTP port.",
      }),
      maxPort: Type.Integer({
        minimum: 1025,
        maximum: 65_535,
        default: 29_999,
        description: "Last RTP port.",
      }),
      workers: Type.Integer({
        minimum: 1,
        maximum: 64,
        default: 1,
        description: "Media worker threads, at most 300 calls each.",
      }),
    }),
    trunks: Type.Record(Type.String(), TrunkSchema, { default: {}, description: "SIP peers by name." }),
    accounts: Type.Array(AccountEntry, { default: [], description: "Who may queue calls." }),
    deployment: Section({
      trunk: Type.String({
        default: "simulated",
        description: "Trunk that calls leave by; `simulated` is the built-in simulated carrier.",
      }),
      callerId: Type.Optional(
        Type.String({ pattern: "^\\+?[0-9]{3,15}$", description: "Caller ID of calls that bring none." }),
      ),
      ringTimeoutSeconds: Type.Number({
        minimum: 1,
        maximum: 600,
        default: 45,
        description: "How long a call may ring before it is noanswer.",
      }),
      redialDeclined: Type.Boolean({
        default: false,
        description: "Dial everything again that is not Completed, declined calls included, as Plum does.",
      }),
      recordCalls: Type.Boolean({ default: false, description: "Record both directions of every call." }),
      startMethod: OneOf(["POST", "GET"], "POST", "HTTP method for start_url at connect."),
      profile: OneOf(["plum", "w3c"], "plum", "VoiceXML profile."),
      maxChannels: Type.Integer({
        minimum: 1,
        default: 100,
        description: "Simultaneous calls of a deployment.",
      }),
      callingHours: Type.Optional(CallingHours),
    }),
    limits: Section({
      minRetryIntervalSeconds: Type.Number({
        minimum: 0,
        maximum: 172_800,
        default: 60,
        description: "Smallest retry_interval a client may ask for.",
      }),
      maxUploadBytes: Type.Integer({
        minimum: 1_024,
        default: 33_554_432,
        description: "Largest uploaded list.",
      }),
      maxUploadRows: Type.Integer({ minimum: 1, default: 500_000, description: "Most rows of one upload." }),
    }),
    dialer: Section({
      maxChannels: Type.Integer({
        minimum: 1,
        default: 100,
        description: "Simultaneous calls of everything.",
      }),
      callsPerSecond: Type.Number({
        exclusiveMinimum: 0,
        maximum: 10_000,
        default: 10,
        description: "Call attempts per second of everything, evenly spaced.",
      }),
    }),
    recording: Section({
      retentionDays: Type.Number({
        minimum: 0,
        default: 30,
        description: "Recordings older than this are deleted.",
      }),
      minFreeBytes: Type.Integer({
        minimum: 0,
        default: 1_073_741_824,
        description: "With less free disk than this nothing is recorded.",
      }),
    }),
    traces: Section({
      retentionDays: Type.Number({
        minimum: 0,
        default: 30,
        description: "Traces older than this are deleted.",
      }),
      minFreeBytes: Type.Integer({
        minimum: 0,
        default: 1_073_741_824,
        description: "With less free disk than this traces are dropped.",
      }),
    }),
    callbacks: Section({
      timeoutSeconds: Type.Number({ minimum: 0.1, maximum: 300, default: 15, description: "Per try." }),
      maxTries: Type.Integer({
        minimum: 1,
        maximum: 100,
        default: 15,
        description: "Then a result is given up.",
      }),
      firstRetrySeconds: Type.Number({
        minimum: 0.01,
        default: 10,
        description: "Wait after the first failed try; doubles with each.",
      }),
      maxRetrySeconds: Type.Number({
        minimum: 0.01,
        default: 3_600,
        description: "Longest wait between tries.",
      }),
      perHost: Type.Integer({ minimum: 1, default: 4, description: "Simultaneous requests to one host." }),
      total: Type.Integer({ minimum: 1, default: 64, description: "Simultaneous requests to all hosts." }),
    }),
    speech: Section({
      provider: OneOf(
        ["flite", "espeak-ng"],
        "flite",
        "Speech synthesizer; espeak-ng is a separate program.",
      ),
      voice: Type.Optional(
        Type.String({ minLength: 1, description: "The provider's voice. Default: its own." }),
      ),
      program: Type.String({
        minLength: 1,
        default: "espeak-ng",
        description: "The espeak-ng program: a path, or a name looked up in PATH.",
      }),
    }),
    fetch: Section({
      timeoutSeconds: Type.Number({
        minimum: 0.1,
        maximum: 300,
        default: 30,
        description: "For documents and audio, and for the probe of start_url and result_url.",
      }),
      allowNetworks: Type.Array(Type.String({ minLength: 1 }), {
        default: [],
        description:
          "Networks such as 10.1.0.0/16 that documents may come from and results go to although they are local. " +
          "Needed when http.host is not a loopback address; link-local and cloud metadata addresses stay closed.",
      }),
    }),
    drainSeconds: Type.Number({
      minimum: 0,
      default: 30,
      description: "How long calls may go on after SIGTERM before they are hung up.",
    }),
    log: Section({
      level: OneOf(["debug", "info", "warn", "error"], "info", "Least level that is logged."),
      file: Type.Optional(
        Type.String({ minLength: 1, description: "Log file, reopened on SIGHUP. Default: stdout." }),
      ),
    }),
  },
  CLOSED,
);

/** The checked configuration, frozen. Secrets are resolved: `password` and `pin` hold them, wherever they came from. */
export type Config = DeepReadonly<Static<typeof ConfigSchema>>;

export type TrunkConfig = DeepReadonly<Static<typeof TrunkSchema>>;

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;
