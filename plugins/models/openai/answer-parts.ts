// Parts of an answer that servers which speak OpenAI's language give in forms of their own: tokens, errors within answers that began
// with 200, and OpenRouter's thoughts with the signatures of the vendor behind it, which it wants back with the results of the calls
// (https://openrouter.ai/docs/use-cases/reasoning-tokens). They come in pieces: text grows, everything else is said once.
// Used by answer.ts; what is kept of it for the next question is read by request.ts.
// Tool calls come in pieces too: servers number them, name them by id, both, neither, or give every call the same number or id;
// arguments come in pieces, whole, or as an object.
import { fieldsIn, isJsonObject, jsonOf, listIn, textIn, tokensIn } from "../wire/json.ts";
import { type Failing, interrupted } from "../wire/provider-error.ts";

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

/** `extra`: fields in which Gemini, and LiteLLM for it, sign their calls. */
type CollectedCall = { wire_id: string; name: string; arguments: string; extra?: unknown };
type Piece = { index: number | undefined; id: string; name: string; text: string; extra: unknown };

/** Far beyond what a model asks for in one step; a server that sends more is broken or hostile. */
const MOST_CALLS = 256;
const MOST_CHARACTERS = 8_000_000;

/** The calls of one answer. Bounded: 256 calls, 8 million characters. */
export class ToolCalls {
  readonly #failing: Failing;
  readonly #calls: CollectedCall[] = [];
  /** The call that the server means by a number now. */
  readonly #byIndex = new Map<number, CollectedCall>();
  #characters = 0;

  constructor(failing: Failing) {
    this.#failing = failing;
  }

  /**
   * Pieces as servers send them: every field may be missing.
   * @param areWhole each is a call of its own
   * @throws model_interrupted when it is too much
   */
  add(values: unknown[], areWhole = false): void {
    const begun = new Set<CollectedCall>();
    for (const value of values) {
      const piece = readPiece(value);
      const found = areWhole ? undefined : this.#find(piece);
      const call =
        found && begun.has(found) && isAnother(found, piece)
          ? this.#open(piece)
          : (found ?? this.#open(piece));
      if (piece.name !== "") begun.add(call);
      this.#take(call, piece);
    }
  }

  #take(call: CollectedCall, piece: Piece): void {
    if (isRepeated(call, piece)) return;
    if (call.wire_id === "") call.wire_id = piece.id;
    if (piece.name !== "" && call.name !== piece.name) call.name += piece.name;
    call.arguments += piece.text;
    if (piece.extra) call.extra = piece.extra;
    this.#characters += piece.name.length + piece.text.length;
    if (this.#calls.length > MOST_CALLS || this.#characters > MOST_CHARACTERS)
      throw interrupted(this.#failing);
  }

  get size(): number {
    return this.#calls.length;
  }

  /** In the model's order. Only for the end: servers may send pieces of several calls mixed. */
  all(): readonly CollectedCall[] {
    return this.#calls;
  }

  #find(piece: Piece): CollectedCall | undefined {
    const found = this.#named(piece);
    // Without a name and a number of its own it goes on with a call, whatever its id: some servers make a new one for every piece.
    if (piece.name === "") return found ?? (piece.index === undefined ? this.#calls.at(-1) : undefined);
    if (!found) return undefined;
    const isOtherId = piece.id !== "" && found.wire_id !== "" && found.wire_id !== piece.id;
    if (isRepeated(found, piece)) return found;
    // A call that has its name and whole arguments gets no more of either: this is the next one under the same number or id.
    const isNext = piece.text !== "" && found.name !== "" && isJsonObject(found.arguments);
    return isOtherId || isNext ? undefined : found;
  }

  #named({ index, id }: Piece): CollectedCall | undefined {
    if (index !== undefined) return this.#byIndex.get(index);
    if (id !== "") return this.#calls.findLast((call) => call.wire_id === id);
    return this.#calls.at(-1);
  }

  #open({ index, id }: Piece): CollectedCall {
    const call: CollectedCall = { wire_id: id, name: "", arguments: "" };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }
}

/** Nobody names one call twice at once: what has a name and no id beside a call that may be whole is the next one. */
function isAnother(call: CollectedCall, { id, name }: Piece): boolean {
  return name !== "" && id === "" && (call.arguments === "" || isJsonObject(call.arguments));
}

/** All of a call once more, with its own id: some servers send it so at the end. It must not run twice. */
function isRepeated(call: CollectedCall, { id, name, text }: Piece): boolean {
  return id !== "" && call.wire_id === id && call.name === name && text !== "" && call.arguments === text;
}

function signed(fields: Record<string, unknown>): object | undefined {
  const there = Object.entries(fields).filter(([, value]) => typeof value === "object" && value !== null);
  return there.length > 0 ? Object.fromEntries(there) : undefined;
}

function readPiece(value: unknown): Piece {
  const { index, id, function: called, extra_content, provider_specific_fields } = fieldsIn(value);
  const { name, arguments: text } = fieldsIn(called);
  const number = typeof index === "string" && index !== "" ? Number(index) : index;
  return {
    index: typeof number === "number" && Number.isFinite(number) ? number : undefined,
    id: typeof id === "number" ? String(id) : textIn(id),
    name: textIn(name),
    extra: signed({ extra_content, provider_specific_fields }),
    text: typeof text === "string" ? text : text === undefined || text === null ? "" : jsonOf(text),
  };
}

/**
 * What servers want back with the calls they have asked for: DeepSeek and its kin their `reasoning_content`
 * (https://api-docs.deepseek.com/guides/thinking_mode), OpenRouter its `reasoning_details`, Gemini the signature of each call
 * (https://ai.google.dev/gemini-api/docs/thought-signatures). `extras`: fields of each call, by its place; null where it has none.
 */
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
