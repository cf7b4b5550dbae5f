/** How a transcript writes what the interpreter says and how it ends. */
import type { PromptSegment, SessionEnding } from "../../../vxml/index.ts";

/** Where documents of transcripts seem to come from. */
export const TRANSCRIPT_ORIGIN = "http://app.example";

/** A URI of the transcripts' own origin by its path. */
export function printPath(uri: string): string {
  return uri.startsWith(TRANSCRIPT_ORIGIN) ? uri.slice(TRANSCRIPT_ORIGIN.length) : uri;
}

export function printSegment(segment: PromptSegment): string {
  switch (segment.kind) {
    case "text":
      return JSON.stringify(segment.text);
    case "silence":
      return `${segment.durationMs}ms`;
    case "mark":
      return `mark:${segment.name}`;
    case "audio": {
      const fallback = segment.fallback.map(printSegment).join(" ");
      return `<${printPath(segment.uri)}${fallback === "" ? "" : ` or ${fallback}`}>`;
    }
  }
}

export function printEnding(ending: SessionEnding): string {
  if (ending.kind === "error") return `> end error ${ending.event} ${ending.message ?? ""}`;
  const { kind, value = "", disconnectValue } = ending;
  return `> end ${kind} ${value}${disconnectValue === undefined ? "" : ` disconnected ${disconnectValue}`}`;
}
