// A question in the words of OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat). Used by openai.ts.
import type { ModelRequest, PromptMessage } from "../../../contracts/models.ts";
import { limitsOf } from "../prices.ts";
import { parsedArguments, withUniqueIds } from "../wire/wire-ids.ts";
import { type Dialect, limitName } from "./dialect.ts";
import { type Kept, signatureOf } from "./kept.ts";

const ANY_ID = /^.{1,64}$/;
/** OpenAI runs these with tools on chat completions only when they do not reason (their default is to reason). */
const TOOLS_ONLY_UNREASONED = /^gpt-(5\.[4-9]|6(\.1)?-)/;

export function requestBody(request: ModelRequest, dialect: Dialect): string {
  const { model, tools, maxOutputTokens } = request;
  const most = limitsOf(`${dialect.provider}/${model}`)?.max_output_tokens;
  const limit =
    maxOutputTokens === undefined ? undefined : Math.min(maxOutputTokens, most ?? maxOutputTokens);
  const nameOfLimit = limitName(dialect);
  const isUnreasoned =
    dialect.isOpenAi &&
    tools.length > 0 &&
    TOOLS_ONLY_UNREASONED.test(model) &&
    !dialect.refused.has("reasoning_effort");
  return JSON.stringify({
    model,
    messages: withUniqueIds(request.messages.filter(saysSomething), ANY_ID).map((message) =>
      wireMessage(message, dialect, model),
    ),
    stream: true,
    ...(dialect.refused.has("stream_options") ? {} : { stream_options: { include_usage: true } }),
    ...(limit === undefined || !nameOfLimit ? {} : { [nameOfLimit]: limit }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
    ...(isUnreasoned ? { reasoning_effort: "none" } : {}),
  });
}

/** An answer of nothing at all stays in the history; several servers refuse every question that has one in it. */
function saysSomething(message: PromptMessage): boolean {
  return message.role !== "assistant" || message.content.trim() !== "" || Boolean(message.tool_calls?.length);
}

function wireMessage(message: PromptMessage, { provider }: Dialect, model: string): Record<string, unknown> {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "tool":
      return { role: "tool", tool_call_id: message.wire_id, content: message.content };
    case "assistant": {
      if (!message.tool_calls?.length) return { role: "assistant", content: message.content };
      const kept = message.kept?.by === `${provider}/${model}` ? (message.kept.value as Kept) : undefined;
      return {
        role: "assistant",
        content: message.content === "" ? null : message.content,
        ...(kept?.reasoning_content ? { reasoning_content: kept.reasoning_content } : {}),
        tool_calls: message.tool_calls.map((call, index) => ({
          id: call.wire_id,
          type: "function",
          ...signatureOf(provider, kept, index),
          function: { name: call.name, arguments: JSON.stringify(parsedArguments(call.arguments)) },
        })),
      };
    }
  }
}
