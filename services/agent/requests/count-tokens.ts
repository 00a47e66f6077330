// How many tokens a question has: by its model's vendor where that counts, else as this server guesses them for its own limits.
import type { z } from "zod";
import type { CountedTokens, countTokensParams } from "../../../contracts/given.ts";
import { toError } from "../../../lib/errors.ts";
import { tokensOfMessages, tokensOfTools } from "../../../plugins/models/prices.ts";
import type { AgentContext } from "../context.ts";
import { whole } from "../given/whole-message.ts";
import { requireModel } from "./draft-run.ts";

/** Longer nobody waits for a number that can be guessed. */
const PATIENCE_MS = 5_000;

/** @throws model_not_found */
export async function countTokens(
  { models, log }: AgentContext,
  { model, mode, messages: given, tools = [], parameters }: z.output<typeof countTokensParams>,
): Promise<CountedTokens> {
  const id = model ?? models.default;
  requireModel(models, id);
  const found = models.find(id);
  const messages = given.map(whole);
  if (mode === "model" && found?.info.available && found.provider.count)
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const question = { model: found.model, messages, tools, parameters, signal };
      return { input_tokens: await found.provider.count(question), estimated: false };
    } catch (thrown) {
      log.debug({ err: toError(thrown), model: id }, "tokens are estimated: the vendor did not count them");
    }
  return { input_tokens: tokensOfMessages(messages) + tokensOfTools(tools), estimated: true };
}
