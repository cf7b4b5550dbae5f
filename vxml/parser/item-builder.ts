/** Nodes to the input items other than fields: subdialogs, objects, recordings, transfers (VoiceXML 2.0 §2.3). */
import type { InputItem, InputItemBase, Param } from "../model/document.ts";
import { isElement, type XmlElement } from "../model/xml-tree.ts";
import {
  type BuildContext,
  durationOf,
  fetchAttributesOf,
  positionOf,
  submissionOf,
  textSourceOf,
  uriSourceOf,
} from "./build-context.ts";
import { buildGrammars } from "./grammar-builder.ts";

/** `base` is what the element has in common with all input items; undefined: it is none of these. */
export function buildInputItem(
  element: XmlElement,
  base: InputItemBase,
  context: BuildContext,
): InputItem | undefined {
  const { attributes } = element;
  switch (element.name) {
    case "subdialog": {
      const uri = uriSourceOf(element, "src", "srcexpr");
      return (
        uri && {
          kind: "subdialog",
          ...base,
          uri,
          submission: submissionOf(element),
          params: buildParams(element),
          fetch: fetchAttributesOf(element),
        }
      );
    }
    case "object":
      return { kind: "object", ...base, params: buildParams(element) };
    case "record":
      return {
        kind: "record",
        ...base,
        isModal: attributes.get("modal") !== "false",
        beep: attributes.get("beep") === "true",
        maxTimeMs: durationOf(element, "maxtime"),
        finalSilenceMs: durationOf(element, "finalsilence"),
        isEndedByAnyKey: attributes.get("dtmfterm") !== "false",
        mediaType: attributes.get("type")?.trim(),
        grammars: buildGrammars(element, context),
      };
    case "transfer": {
      const destination = uriSourceOf(element, "dest", "destexpr");
      return (
        destination && {
          kind: "transfer",
          ...base,
          transferKind: transferKindOf(element),
          destination,
          connectTimeoutMs: durationOf(element, "connecttimeout"),
          maxTimeMs: durationOf(element, "maxtime"),
          audio: attributes.get("transferaudio")?.trim(),
          applicationData: textSourceOf(element, "aai", "aaiexpr"),
          grammars: buildGrammars(element, context),
        }
      );
    }
    default:
      return undefined;
  }
}

/** VoiceXML 2.1 §9: `bridge` is an older way to say the type. */
function transferKindOf(element: XmlElement): "bridge" | "blind" | "consultation" | undefined {
  const type = element.attributes.get("type");
  if (type === "bridge" || type === "blind" || type === "consultation") return type;
  const bridge = element.attributes.get("bridge");
  return bridge === undefined ? undefined : bridge === "true" ? "bridge" : "blind";
}

function buildParams(element: XmlElement): Param[] {
  return element.children.filter(isElement).flatMap((child): Param[] => {
    if (child.name !== "param") return [];
    const { attributes } = child;
    return [
      {
        ...positionOf(child),
        name: attributes.get("name") ?? "",
        expression: attributes.get("expr") ?? JSON.stringify(attributes.get("value") ?? ""),
      },
    ];
  });
}
