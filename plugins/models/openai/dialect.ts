// What differs between OpenAI itself and the servers that speak its language, and what its server was found to want.
// Used by request.ts and messages.ts.
import { NINE } from "../wire/call-ids.ts";
import type { Learnt } from "../wire/lessons.ts";

/** Decides the form of a question to one server, for one model. */
export type Dialect = {
  /** The provider's name. */
  provider: string;
  /** The server is OpenAI's own. */
  isOpenAi: boolean;
  /** What this server has been found to want for this model. */
  learnt: Learnt;
};

/** Names of models whose servers have Mistral's rules, wherever they run. */
const MISTRAL = /mi[sx]tral|codestral|devstral|magistral|pixtral|voxtral/i;
/** Anthropic's models, whoever serves them in OpenAI's language. */
const CLAUDE = /claude|anthropic/i;
const PLAIN_ID = /^[a-zA-Z0-9_-]{1,40}$/;
/** OpenAI's limit. */
const ANY_ID = /^[\x21-\x7e]{1,40}$/;

/** Ids of calls that the model's server takes. */
export function idsOf({ learnt }: Dialect, model: string): RegExp {
  if (learnt.demands.has("nine_ids") || MISTRAL.test(model)) return NINE;
  return learnt.demands.has("plain_ids") || CLAUDE.test(model) ? PLAIN_ID : ANY_ID;
}

/** Whether user and assistant must speak by turns. */
export function mustAlternate({ provider, learnt }: Dialect, model: string): boolean {
  return provider === "gemini" || learnt.demands.has("alternation") || MISTRAL.test(model);
}

/** Servers other than OpenAI know the older name only; OpenAI's reasoning models know the newer only. */
export function limitName({ isOpenAi, learnt }: Dialect): string | undefined {
  const names = isOpenAi ? ["max_completion_tokens", "max_tokens"] : ["max_tokens", "max_completion_tokens"];
  return names.find((name) => !learnt.refused.has(name));
}
