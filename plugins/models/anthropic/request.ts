// A question in the words of Anthropic's messages API (https://platform.claude.com/docs/en/api/messages). Used by anthropic.ts.
import type { ModelRequest, PromptMessage } from "../../../contracts/models.ts";
import { limitsOf } from "../prices.ts";
import { parsedArguments, withUniqueIds } from "../wire/wire-ids.ts";

type Block =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> }
  | { type: "tool_result"; tool_use_id: string; content: string }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string };
type Turn = { role: "user" | "assistant"; content: Block[] };

const ID = /^[a-zA-Z0-9_-]{1,64}$/;
/** The API demands a limit: this one, or the model's own where that is lower. Room for thinking, which counts too. */
const USUAL_LIMIT = 32_000;
const UNKNOWN_LIMIT = 8_192;

/** @param provider the provider's name, to look up the model's limits */
export function requestBody(request: ModelRequest, provider: string): string {
  const { model, tools, maxOutputTokens } = request;
  const most = limitsOf(`${provider}/${model}`)?.max_output_tokens ?? UNKNOWN_LIMIT;
  const system = request.messages.flatMap((message) => (message.role === "system" ? [message.content] : []));
  return JSON.stringify({
    model,
    max_tokens: Math.min(maxOutputTokens ?? USUAL_LIMIT, most),
    ...(system.length === 0 ? {} : { system: system.join("\n\n") }),
    messages: turns(withUniqueIds(request.messages, ID), `${provider}/${model}`),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            input_schema: parameters,
          })),
        }),
    stream: true,
  });
}

/** User and assistant by turns, beginning and ending with the user; results of parallel calls share one user turn. */
function turns(messages: PromptMessage[], model: string): Turn[] {
  const all: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocks(message, model);
    if (content.length === 0) continue;
    const last = all.at(-1);
    if (last?.role === role) last.content.push(...content);
    else all.push({ role, content });
  }
  if (all[0]?.role !== "user")
    all.unshift({ role: "user", content: [{ type: "text", text: "(earlier messages are left out)" }] });
  // A last turn of the assistant would be a prefill, which newer models refuse.
  if (all.at(-1)?.role === "assistant")
    all.push({ role: "user", content: [{ type: "text", text: "Go on." }] });
  return all;
}

/** Empty text blocks are refused by the API, so they are left out. */
function blocks(message: PromptMessage, model: string): Block[] {
  if (message.role === "tool")
    return [{ type: "tool_result", tool_use_id: message.wire_id, content: message.content || "(no output)" }];
  const text: Block[] = message.content.trim() === "" ? [] : [{ type: "text", text: message.content }];
  if (message.role !== "assistant") return text;
  const calls = (message.tool_calls ?? []).map(
    (call): Block => ({
      type: "tool_use",
      id: call.wire_id,
      name: call.name,
      input: parsedArguments(call.arguments),
    }),
  );
  // Thoughts come first, exactly as they were given: the API checks their signatures.
  const thoughts = message.kept?.by === model && calls.length > 0 ? (message.kept.value as Block[]) : [];
  return [...thoughts, ...text, ...calls];
}
