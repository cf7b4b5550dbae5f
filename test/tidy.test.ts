/**
 * The repository's own rules, read from its files: who may import whom, no cycles, pure rooms without I/O, origins of
 * fixtures, links that lead somewhere, no leftovers.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const ROOMS = ["vxml", "engine", "sip", "api"] as const;
type Room = (typeof ROOMS)[number];

/** Rooms whose door each room may use. */
const MAY_USE: Record<Room, readonly Room[]> = {
  vxml: [],
  engine: ["vxml"],
  sip: ["engine"],
  api: ["sip", "engine", "vxml"],
};

/** Packages each room may use, beside Node's own modules. */
const PACKAGES: Record<Room, readonly string[]> = {
  vxml: ["xstate", "saxes", "acorn", "quickjs-emscripten-core", "@jitl/quickjs-ng-wasmfile-release-sync"],
  engine: ["xstate"],
  sip: ["drachtio-srf", "sdp-transform", "werift"],
  api: [
    "@fastify/formbody",
    "@fastify/multipart",
    "@fastify/type-provider-typebox",
    "better-sqlite3",
    "commander",
    "csv-parse",
    "fast-xml-parser",
    "fastify",
    "http-cache-semantics",
    "luxon",
    "mpg123-decoder",
    "pino",
    "prom-client",
    "sip.js",
    "tough-cookie",
    "typebox",
    "undici",
    "xstate",
    "yaml",
  ],
};

/** Inside a room a folder may import those after it, never those before it. */
const ORDER: Partial<Record<Room, readonly string[]>> = {
  engine: ["dialer", "call", "session", "detection", "media", "model"],
  vxml: ["fia", "items", "executable", "events", "prompts", "grammars", "scopes", "model"],
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Import specifiers, static and dynamic, types too. */
  readonly imports: readonly string[];
}

const sources: readonly SourceFile[] = ROOMS.flatMap((room) => filesBelow(join(ROOT, room), ".ts")).map(
  (path) => {
    const text = readFileSync(path, "utf8");
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
    const found = [
      ...code.matchAll(/^(?:import|export)\b[^;"']*\bfrom\s+["']([^"'\n]+)["']/gm),
      ...code.matchAll(/\bimport\(\s*["']([^"'\n]+)["']/g),
    ];
    const imports = found.map((match) => match[1] ?? "");
    return { path: relative(ROOT, path), text, imports };
  },
);

describe("imports", () => {
  it("go from api to sip to engine to vxml, through each room's door", () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const room = roomOf(file.path);
      for (const specifier of file.imports.filter((name) => name.startsWith("."))) {
        const target = relative(ROOT, resolve(ROOT, dirname(file.path), specifier));
        const targetRoom = ROOMS.find((other) => target.startsWith(`${other}/`));
        if (!targetRoom) wrong.push(`${file.path} imports ${specifier}, outside every room`);
        else if (targetRoom === room) {
          if (target === `${room}/index.ts`) wrong.push(`${file.path} imports its own door`);
        } else if (!MAY_USE[room].includes(targetRoom)) wrong.push(`${file.path} imports ${target}`);
        else if (target !== `${targetRoom}/index.ts`)
          wrong.push(`${file.path} imports ${target} past the door`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("name only the packages of their room", () => {
    const wrong = sources.flatMap((file) =>
      file.imports
        .filter(
          (name) => !name.startsWith(".") && !name.startsWith("node:") && !builtinModules.includes(name),
        )
        .map(packageOf)
        .filter((name) => !PACKAGES[roomOf(file.path)].includes(name))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keep the order of folders inside a room", () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const order = ORDER[roomOf(file.path)];
      const from = order?.indexOf(folderOf(file.path)) ?? -1;
      if (!order || from < 0) continue;
      for (const specifier of file.imports.filter((name) => name.startsWith("."))) {
        const target = relative(ROOT, resolve(ROOT, dirname(file.path), specifier));
        const to = roomOf(target) === roomOf(file.path) ? order.indexOf(folderOf(target)) : -1;
        if (to >= 0 && to < from) wrong.push(`${file.path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("form no cycle", () => {
    const graph = new Map(
      sources.map((file) => [
        file.path,
        file.imports
          .filter((name) => name.startsWith("."))
          .map((name) => relative(ROOT, resolve(ROOT, dirname(file.path), name))),
      ]),
    );
    expect(firstCycle(graph)).toEqual([]);
  });
});

describe("pure rooms", () => {
  it("vxml and engine use no I/O, no clock and no timer of their own", () => {
    const wrong = sources
      .filter((file) => file.path.startsWith("vxml/") || file.path.startsWith("engine/"))
      .flatMap((file) => {
        const code = file.text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
        const found = [
          ...(code.match(/\b(?:Date\.now|setTimeout|setInterval|setImmediate|performance\.now|process\.)/g) ??
            []),
          ...file.imports.filter((name) =>
            /^(?:node:)?(?:fs|net|dgram|http|https|child_process|worker_threads|timers|os|process)(?:\/|$)/.test(
              name,
            ),
          ),
        ];
        return found.map((what) => `${file.path} uses ${what}`);
      });
    expect(wrong).toEqual([]);
  });
});

describe("documents", () => {
  it("fixtures/README.md names the origin of each folder of fixtures", () => {
    const readme = readFileSync(join(ROOT, "fixtures/README.md"), "utf8");
    const folders = readdirSync(join(ROOT, "fixtures"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(
      folders.filter((folder) => !readme.includes(`\`${folder.name}/\``)).map((folder) => folder.name),
    ).toEqual([]);
  });

  it("links inside the repository lead somewhere", () => {
    const documents = [
      "README.md",
      "ARCHITECTURE.md",
      "CONTRIBUTING.md",
      "CHANGELOG.md",
      "ERRORS.md",
      "GLOSSARY.md",
    ];
    const broken = [
      ...documents,
      ...filesBelow(join(ROOT, "docs"), ".md").map((path) => relative(ROOT, path)),
    ].flatMap((document) =>
      [...readFileSync(join(ROOT, document), "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
        .map((match) => match[1] ?? "")
        .filter((link) => !exists(resolve(ROOT, dirname(document), link)))
        .map((link) => `${document}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

describe("leftovers", () => {
  it("no file holds a reminder, and none is named for its shape", () => {
    const reminder = new RegExp(
      `\\b(?:${["TO", "DO"].join("")}|${["FIX", "ME"].join("")}|${["X", "XX"].join("")})\\b`,
    );
    const files = [
      ...sources.map((file) => file.path),
      ...filesBelow(join(ROOT, "test"), ".ts").map((p) => relative(ROOT, p)),
    ];
    const wrong = files.filter(
      (path) =>
        reminder.test(readFileSync(join(ROOT, path), "utf8")) ||
        /\/(?:utils?|helpers?|types|manager)\.ts$/.test(path),
    );
    expect(wrong).toEqual([]);
  });
});

function filesBelow(folder: string, ending: string): string[] {
  if (!exists(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function roomOf(path: string): Room {
  return (ROOMS.find((room) => path.startsWith(`${room}/`)) ?? path) as Room;
}

/** The folder below the room, or the file itself when it lies in the room's root. */
function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function packageOf(specifier: string): string {
  const [scope, name] = specifier.split("/");
  return specifier.startsWith("@") ? `${scope}/${name}` : (scope ?? specifier);
}

function firstCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): string[] => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return [];
    trail.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    trail.pop();
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
