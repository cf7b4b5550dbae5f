/** From a script's failure to the event the document sees (VoiceXML 2.0 §5.2.6): the one place that decides. */
import type { VxmlEvent } from "./completion.ts";
import { VxmlError } from "./errors.ts";
import type { Position } from "./model/xml-tree.ts";

/** The event for what an expression or grammar threw; anything else is a mistake of ours and is thrown on. */
export function eventOfFailure(error: unknown, position?: Position): VxmlEvent {
  if (!(error instanceof VxmlError)) throw error;
  switch (error.code) {
    case "VXML_SCRIPT_FAILED":
      return { name: "error.semantic", message: error.message, position };
    case "VXML_SCRIPT_EXHAUSTED":
      return { name: "error.com.resource", message: error.message, position };
    case "VXML_GRAMMAR_INVALID":
      return { name: "error.badfetch", message: error.message, position };
    default:
      throw error;
  }
}
