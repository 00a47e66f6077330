// Tokens of an answer as servers that speak OpenAI's language count them. Used by answer.ts.
import { fieldsIn, tokensIn } from "../wire/loose.ts";

export type Usage = { input_tokens: number; output_tokens: number };

/**
 * Undefined where question and answer are not both counted. Google and xAI leave thoughts out of `completion_tokens`, and count
 * them in the total: they are paid for.
 */
export function readUsage(value: unknown): Usage | undefined {
  const { prompt_tokens, completion_tokens, input_tokens, output_tokens, total_tokens } = fieldsIn(value);
  const input = tokensIn(prompt_tokens ?? input_tokens);
  const output = tokensIn(completion_tokens ?? output_tokens);
  if (input === undefined || output === undefined) return undefined;
  const total = tokensIn(total_tokens) ?? 0;
  return { input_tokens: input, output_tokens: Math.max(output, total - input) };
}
