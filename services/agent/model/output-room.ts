// How long an answer may be so that it fits behind its question. Used by ask-model.ts.
import type { PromptMessage, PromptTool } from "../../../contracts/models.ts";
import { tokensOfMessages, tokensOfTools } from "../../../plugins/models/estimate-tokens.ts";

type Question = { messages: PromptMessage[]; tools: PromptTool[]; maxOutputTokens?: number };

/** Token counts are guesses, and rather too low for code. */
const GUESS_MARGIN = 1.15;
const LEAST_LIMIT = 256;

/** The limit of the answer within what the window of this very model leaves: servers refuse one that goes beyond it. */
export function limitWithin(
  window: number,
  { messages, tools, maxOutputTokens }: Question,
): { maxOutputTokens?: number } {
  if (maxOutputTokens === undefined) return {};
  const prompt = tokensOfMessages(messages) + tokensOfTools(tools);
  const room = Math.floor(window - prompt * GUESS_MARGIN);
  return { maxOutputTokens: Math.min(maxOutputTokens, Math.max(room, LEAST_LIMIT)) };
}
