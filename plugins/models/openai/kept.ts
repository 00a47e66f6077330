// What servers that speak OpenAI's language want back with the calls they have asked for: DeepSeek and its kin their
// `reasoning_content` (https://api-docs.deepseek.com/guides/thinking_mode), Gemini the signature of each call
// (https://ai.google.dev/gemini-api/docs/thought-signatures). Used by answer.ts and request.ts.

/** `extras`: by the place of the call, null where it has none. */
export type Kept = { reasoning_content?: string; extras?: unknown[] };

/** Undefined when there is nothing to keep. */
export function keptOf({ reasoning_content = "", extras = [] }: Kept): Kept | undefined {
  const kept: Kept = {
    ...(reasoning_content === "" ? {} : { reasoning_content }),
    ...(extras.some((extra) => extra !== null) ? { extras } : {}),
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/**
 * Gemini refuses calls without a signature; this is the value its documentation names for calls that have none (of another
 * model, or of an earlier run).
 */
const UNSIGNED = { google: { thought_signature: "skip_thought_signature_validator" } };

/** The field of a call that carries its signature. @param index the place of the call in its step */
export function signatureOf(provider: string, kept: Kept | undefined, index: number): object {
  const extra = kept?.extras?.[index] ?? (provider === "gemini" ? UNSIGNED : undefined);
  return extra ? { extra_content: extra } : {};
}
