// A question in the words of OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat). Used by openai.ts.
import type { ModelRequest } from "../../../contracts/models.ts";
import { limitsOf } from "../prices.ts";
import { offeredTools } from "../wire/offered-tools.ts";
import { wireJson } from "../wire/wire-json.ts";
import { type Dialect, limitName } from "./dialect.ts";
import { geminiSchema } from "./gemini-schema.ts";
import { wireMessages } from "./messages.ts";

/** OpenAI's limits; those of the others are not lower. */
const TOOL_LIMITS = { tools: 128, description: 1_024 };
/** OpenAI runs these with tools on chat completions only when they do not reason (their default is to reason). */
const TOOLS_ONLY_UNREASONED = /^gpt-(5\.[4-9]|6(\.1)?-)/;

/** Tokens that the answer is limited to; undefined where it is not. */
export function limitOf({ model, maxOutputTokens }: ModelRequest, dialect: Dialect): number | undefined {
  if (maxOutputTokens === undefined) return undefined;
  const most = limitsOf(`${dialect.provider}/${model}`)?.max_output_tokens ?? maxOutputTokens;
  return Math.min(maxOutputTokens, most, dialect.learnt.mostOutput);
}

/** The body of a streamed question, as JSON; parameters that the server has refused are left out. */
export function requestBody(request: ModelRequest, dialect: Dialect): string {
  const { model, messages } = request;
  const { refused } = dialect.learnt;
  const limit = limitOf(request, dialect);
  const nameOfLimit = limitName(dialect);
  const tools = offeredTools(
    request.tools,
    TOOL_LIMITS,
    dialect.provider === "gemini" ? geminiSchema : undefined,
  );
  const isUnreasoned =
    dialect.isOpenAi &&
    tools.length > 0 &&
    TOOLS_ONLY_UNREASONED.test(model) &&
    !refused.has("reasoning_effort");
  return wireJson({
    model,
    messages: wireMessages(messages, dialect, { model, hasTools: tools.length > 0 }),
    stream: !refused.has("stream"),
    ...(refused.has("stream_options") || refused.has("stream")
      ? {}
      : { stream_options: { include_usage: true } }),
    ...(limit === undefined || !nameOfLimit ? {} : { [nameOfLimit]: limit }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
    ...(isUnreasoned ? { reasoning_effort: "none" } : {}),
  });
}
