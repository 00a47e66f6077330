// Ids of tool calls as a provider gets them back. Models repeat, omit or misspell theirs; a result must still find its call.
import type { PromptMessage } from "../../../contracts/models.ts";
import { isShallow } from "../../../lib/json-depth.ts";

/**
 * Messages whose calls have ids that are unique within the whole request (Anthropic refuses others) and fit `allowed`; results get the id of the call they
 * answer. Calls with the same id are told apart by order: results are stored in the model's order.
 */
export function withUniqueIds(messages: PromptMessage[], allowed: RegExp): PromptMessage[] {
  const used = new Set<string>();
  let open: { was: string; id: string }[] = [];
  return messages.map((message, position) => {
    if (message.role === "assistant" && message.tool_calls) {
      open = [];
      const tool_calls = message.tool_calls.map((call, index) => {
        const id = uniqueId(call.wire_id, used, allowed, `call_${position}_${index}`);
        open.push({ was: call.wire_id, id });
        return { ...call, wire_id: id };
      });
      return { ...message, tool_calls };
    }
    if (message.role !== "tool") return message;
    const at = open.findIndex((call) => call.was === message.wire_id);
    const [answered] = at < 0 ? [] : open.splice(at, 1);
    return answered ? { ...message, wire_id: answered.id } : message;
  });
}

function uniqueId(wanted: string, used: Set<string>, allowed: RegExp, fallback: string): string {
  const id = allowed.test(wanted) && !used.has(wanted) ? wanted : fallback;
  used.add(id);
  return id;
}

/** Arguments that are no JSON object would make servers fail that parse them: they go back as text in an object. */
export function parsedArguments(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value) && isShallow(value))
      return value as Record<string, unknown>;
  } catch {
    // Malformed: shown to the model as it wrote it.
  }
  return { malformed_arguments: text };
}
