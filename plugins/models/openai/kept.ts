// What servers that speak OpenAI's language want back with the calls they have asked for: DeepSeek and its kin their
// `reasoning_content` (https://api-docs.deepseek.com/guides/thinking_mode), OpenRouter its `reasoning_details`, Gemini the
// signature of each call (https://ai.google.dev/gemini-api/docs/thought-signatures). Used by answer.ts and messages.ts.
import type { KeptState } from "../../../contracts/models.ts";
import { fieldsIn } from "../wire/loose.ts";

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
