/** `<block>` (VoiceXML 2.0 §2.3.2): executable content that is visited once. */
import type { Completion, Steps } from "../completion.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import { runInOwnScope } from "../executable/run-body.ts";
import type { Block } from "../model/document.ts";

export function* runBlock(block: Block, context: ExecutionContext): Steps<Completion> {
  context.scopes.put("dialog", block.name, true);
  // This round does not end with a handler: the next input item says its prompts again.
  context.requestReprompt();
  return yield* runInOwnScope(block.body, context);
}
