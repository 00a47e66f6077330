// Parts of an answer that servers which speak OpenAI's language give in forms of their own: tokens, errors within answers that began
// with 200, and OpenRouter's thoughts with the signatures of the vendor behind it, which it wants back with the results of the calls
// (https://openrouter.ai/docs/use-cases/reasoning-tokens). They come in pieces: text grows, everything else is said once. Used by answer.ts.
import { fieldsIn, listIn, textIn, tokensIn } from "../wire/json.ts";

type Detail = Record<string, unknown>;

const GROWING = ["text", "summary", "data"];
/** Far beyond what a model thinks in one step. */
const MOST = 256;

/** The thoughts of one answer; at most 256 of them are kept. */
export class ReasoningDetails {
  readonly #details: Detail[] = [];

  add(pieces: unknown): void {
    for (const value of listIn(pieces)) {
      const piece = fieldsIn(value);
      const last = this.#details.at(-1);
      const goesOn =
        last && last.type === piece.type && last.index === piece.index && !isOther(last.id, piece.id);
      if (goesOn) grow(last, piece);
      else if (this.#details.length < MOST) this.#details.push({ ...piece });
    }
  }

  /** In their order, as they were given. */
  all(): Detail[] {
    return this.#details;
  }
}

function isOther(known: unknown, id: unknown): boolean {
  return typeof known === "string" && typeof id === "string" && known !== id;
}

function grow(detail: Detail, piece: Detail): void {
  for (const [key, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue;
    detail[key] = GROWING.includes(key) ? textIn(detail[key]) + textIn(value) : value;
  }
}

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

type Fields = Record<string, unknown>;

/** MiniMax's codes (https://platform.minimax.io/docs/api-reference/errorcode) as HTTP has them; others are faults of the server. */
const MINIMAX: Record<number, number> = { 1002: 429, 1039: 429, 1004: 401, 2049: 401, 1008: 402, 2013: 400 };
const MINIMAX_FILTERED = new Set([1026, 1027]);

/** No code, or one that says that all is well. */
const GOOD = new Set(["", "0", "200", "success", "ok"]);

/**
 * What went wrong, as `reportedError` takes it; undefined for what is no error. OpenAI's `{error}`; vLLM's and Mistral's
 * `{object: "error", message, code}`; a bare `{code, message}` (Alibaba) or `{error_code, error_msg}` (Baidu); MiniMax's `base_resp`.
 */
export function errorIn(body: Fields): unknown {
  if (body.error) return body.error;
  const minimax = fieldsIn(body.base_resp);
  if (typeof minimax.status_code === "number" && minimax.status_code !== 0)
    return ofMinimax(minimax.status_code, textIn(minimax.status_msg));
  if (body.object === "error") return body;
  if (Array.isArray(body.choices)) return undefined;
  const message = textIn(body.message) || textIn(body.msg) || textIn(body.error_msg);
  const code = String(body.code ?? body.error_code ?? "");
  return message === "" || GOOD.has(code) ? undefined : { ...body, code, message };
}

function ofMinimax(code: number, message: string): Fields {
  if (MINIMAX_FILTERED.has(code)) return { code: 400, message: `content_filter: ${message}` };
  return { code: MINIMAX[code] ?? 500, message };
}
