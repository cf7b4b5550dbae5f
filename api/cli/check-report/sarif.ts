/** Problems as SARIF 2.1.0 (OASIS), the form that code scanning of build servers and editors reads. */
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { CHECK_CODES, type CheckProblem } from "../../../vxml/index.ts";

/** What is said of one file. */
export interface FileProblems {
  readonly file: string;
  readonly problems: readonly CheckProblem[];
}

/** One run with every code as a rule. Files below `folder` are named relative to it, all others by their URI. */
export function sarifLog(files: readonly FileProblems[], version: string, folder: string): object {
  const codes = Object.keys(CHECK_CODES);
  const rules = Object.entries(CHECK_CODES).map(([id, { severity, meaning, remedy }]) => ({
    id,
    shortDescription: { text: meaning },
    help: { text: remedy },
    defaultConfiguration: { level: severity },
  }));
  const results = files.flatMap(({ file, problems }) =>
    problems.map(({ code, severity, message, line, column, endColumn }) => ({
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: severity,
      message: { text: message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: locationOf(file, folder),
            region: {
              startLine: line,
              startColumn: column,
              ...(endColumn === undefined ? {} : { endLine: line, endColumn }),
            },
          },
        },
      ],
    })),
  );
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "voxdial check", version, rules } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(folder).href}/` } },
        artifacts: files.map(({ file }) => ({ location: locationOf(file, folder) })),
        invocations: [{ executionSuccessful: true }],
        results,
      },
    ],
  };
}

function locationOf(file: string, folder: string): { uri: string; uriBaseId?: string } {
  const below = relative(folder, file).replaceAll("\\", "/");
  if (below === "" || below.startsWith("../") || /^(?:[a-z]:|\/)/i.test(below))
    return { uri: pathToFileURL(file).href };
  return { uri: below.split("/").map(encodeURIComponent).join("/"), uriBaseId: "SRCROOT" };
}
