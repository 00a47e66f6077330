// A cheap guess at the number of tokens: for the context budget, and for usage that a provider does not report.
import type { PromptMessage, PromptTool } from "../../contracts/models.ts";

/** Around the text of a message and of a call. */
const MESSAGE_TOKENS = 4;
const CALL_TOKENS = 8;

/**
 * Tokens a text is likely to have: one for four letters of English, one for each Chinese, Japanese or Korean character, a
 * little more than one for an emoji. English prose comes out within about 20 %; code has more tokens than this, up to a
 * half. Never 0 for text that is not empty, and never less for a longer text that begins the same.
 *
 * Prompts are long, so nothing here looks at characters: characters outside ASCII take more bytes than UTF-16 units, and the
 * difference makes up for the letters that share a token.
 */
export function estimateTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  return Math.ceil(bytes / 4 + (bytes - text.length) / 8);
}

/** Estimated tokens of messages, with a little for what each carries around its text. */
export function tokensOfMessages(messages: PromptMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    tokens += MESSAGE_TOKENS + estimateTokens(message.content);
    if (message.role !== "assistant") continue;
    if (message.kept) tokens += estimateTokens(JSON.stringify(message.kept));
    for (const call of message.tool_calls ?? [])
      tokens += CALL_TOKENS + estimateTokens(call.name) + estimateTokens(call.arguments);
  }
  return tokens;
}

const knownTools = new WeakMap<object, number>();

/** A tool's schema is the same object in every prompt: it is counted once. */
export function tokensOfTools(tools: PromptTool[]): number {
  return tools.reduce((sum, tool) => {
    const known = knownTools.get(tool.parameters) ?? estimateTokens(JSON.stringify(tool));
    knownTools.set(tool.parameters, known);
    return sum + known;
  }, 0);
}
