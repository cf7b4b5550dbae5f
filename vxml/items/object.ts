/** `<object>` (VoiceXML 2.0 §2.3.5): this platform offers no objects of its own, and says so as the section asks. */
import type { ObjectItem } from "../model/document.ts";
import { type Collected, collectedEvent, type ItemVisit } from "./visit.ts";

export function visitObject(item: ObjectItem, visit: ItemVisit): Collected {
  visit.queuePrompts();
  // Its parameters are part of the visit: one that cannot be evaluated is the author's to mend first.
  for (const { expression } of item.params) visit.context.scopes.evaluate(expression);
  // The last word is fixed; it is no placeholder for the object's name.
  return collectedEvent("error.unsupported.objectname", "there are no objects on this platform", item);
}
