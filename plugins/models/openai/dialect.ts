// What differs between OpenAI itself and the servers that speak its language, and what its server was found to want.
// So is what they want back with the calls they have asked for: DeepSeek and its kin their `reasoning_content`
// (https://api-docs.deepseek.com/guides/thinking_mode), OpenRouter its `reasoning_details`, Gemini the
// signature of each call (https://ai.google.dev/gemini-api/docs/thought-signatures). Used by answer.ts and request.ts.

import type { KeptState } from "../../../contracts/models.ts";
import { fieldsIn } from "../wire/json.ts";
import type { Learnt } from "../wire/lessons.ts";
import { NINE } from "../wire/names.ts";

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

/** `extras`: fields of each call, by its place; null where it has none. */
export type Kept = { reasoning_content?: string; reasoning_details?: unknown[]; extras?: unknown[] };

/** Undefined when there is nothing to keep. */
export function keptOf({
  reasoning_content = "",
  reasoning_details = [],
  extras = [],
}: Kept): Kept | undefined {
  const kept: Kept = {
    ...(reasoning_content === "" ? {} : { reasoning_content }),
    ...(reasoning_details.length === 0 ? {} : { reasoning_details }),
    ...(extras.some((extra) => extra !== null) ? { extras } : {}),
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** What of a step's state this model gets: all of its own; of its provider's other models the thoughts, which are plain text. */
export function keptFor(state: KeptState | undefined, provider: string, model: string): Kept {
  const kept = fieldsIn(state?.value) as Kept;
  if (state?.by === `${provider}/${model}`) return kept;
  const isSibling = state?.by.startsWith(`${provider}/`) && typeof kept.reasoning_content === "string";
  return isSibling ? { reasoning_content: kept.reasoning_content ?? "" } : {};
}

/**
 * Gemini refuses a step whose calls have no signature; this is the value its documentation names for calls that have none (of
 * another model). Of calls that it asked for at once it signs the first only, and wants back exactly that.
 */
const UNSIGNED = { extra_content: { google: { thought_signature: "skip_thought_signature_validator" } } };

/** The fields of a call that carry its signature. @param index the place of the call in its step */
export function signatureOf(provider: string, { extras }: Kept, index: number): object {
  if (extras) return fieldsIn(extras[index]);
  return provider === "gemini" && index === 0 ? UNSIGNED : {};
}
