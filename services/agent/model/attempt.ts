// One question to one model, with a watchdog: a provider that sends no byte for too long hangs and is let go. And what came of its
// answer: how it is told, and what it is charged with. Used by ask-model.ts.
import type {
  KeptState,
  ModelChunk,
  ModelRequest,
  PromptMessage,
  PromptTool,
} from "../../../contracts/models.ts";
import { AppError, isType, typeOf } from "../../../lib/errors.ts";
import { estimateTokens, tokensOfMessages, tokensOfTools } from "../../../plugins/models/prices.ts";
import type { FoundModel } from "../../../plugins/models/registry.ts";
import type { Asked, AskOptions, ModelUsage, Said } from "../asked.ts";

export type AttemptOptions = {
  request: Omit<ModelRequest, "model" | "signal">;
  /** Aborted when the run is cancelled or out of time. */
  signal: AbortSignal;
  /** Milliseconds without a byte after which the provider counts as hanging. */
  idleMs: number;
  /** The same before the first word: a local model may have to be loaded. */
  firstMs: number;
  /** Called with each piece, synchronously, after it was taken down. */
  onChunk: (chunk: ModelChunk) => void;
};

export type Attempt =
  | { type: "answered"; answer: AnswerSoFar }
  | { type: "failed"; answer: AnswerSoFar; error: AppError }
  | { type: "cancelled"; answer: AnswerSoFar };

/** Never throws for what a provider does; a fault of our own is thrown on. */
export async function attempt(found: FoundModel, options: AttemptOptions): Promise<Attempt> {
  const { signal, idleMs, firstMs, onChunk } = options;
  const answer = new AnswerSoFar();
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) stop.abort();
  const watchdog = new Watchdog(firstMs, onAbort);
  try {
    await found.provider.ask(
      { ...options.request, model: found.model, signal: stop.signal },
      (chunk) => {
        if (answer.isTooLong()) return onAbort();
        if (!answer.hasBegun()) watchdog.expect(idleMs);
        answer.add(chunk);
        onChunk(chunk);
      },
      () => watchdog.alive(),
    );
    return { type: "answered", answer };
  } catch (error) {
    if (signal.aborted) return { type: "cancelled", answer };
    if (answer.isTooLong()) {
      answer.finish = "length";
      return { type: "answered", answer };
    }
    if (watchdog.hasBitten)
      return { type: "failed", answer, error: hanging(found, watchdog.limitMs, idleMs) };
    if (typeOf(error) === undefined) throw error;
    return { type: "failed", answer, error: error as AppError };
  } finally {
    watchdog.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

/** The model thought, and then neither said nor called anything: there is nothing that asking again would spoil. */
export function isWithoutAWord(result: Attempt): boolean {
  if (result.type !== "failed") return false;
  const { text, toolCalls } = result.answer;
  const hasNothing = text.trim() === "" && toolCalls.length === 0 && result.answer.hasBegun();
  return hasNothing && isType(result.error, "model_empty", "model_malformed_call");
}

function hanging({ info }: FoundModel, limitMs: number, idleMs: number): AppError {
  const setting = limitMs === idleMs ? "MODEL_IDLE_S" : "MODEL_LOAD_S";
  return new AppError(
    "model_timeout",
    `"${info.id}" sent nothing for ${Math.round(limitMs / 1_000)} s (${setting}); ask again or choose another model.`,
  );
}

/** One timer for the whole answer: bytes only set a time stamp, because there are many of them. */
class Watchdog {
  readonly #onHang: () => void;
  /** Milliseconds of silence that are too many. */
  limitMs: number;
  #aliveAt = performance.now();
  #timer: NodeJS.Timeout;
  hasBitten = false;

  constructor(limitMs: number, onHang: () => void) {
    this.limitMs = limitMs;
    this.#onHang = onHang;
    this.#timer = setTimeout(() => this.#look(), limitMs);
  }

  /** From now on so much silence is too much. */
  expect(limitMs: number): void {
    if (limitMs === this.limitMs) return;
    this.limitMs = limitMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), limitMs);
  }

  alive(): void {
    this.#aliveAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#aliveAt + this.limitMs - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#look(), left);
      return;
    }
    this.hasBitten = true;
    this.#onHang();
  }
}

type Question = { messages: PromptMessage[]; tools: PromptTool[]; maxOutputTokens?: number };
type ToolCall = { wire_id: string; name: string; arguments: string };

const MOST_CHARACTERS = 12_000_000;

/** What has come of an answer. */
class AnswerSoFar {
  text = "";
  reasoning = "";
  readonly toolCalls: ToolCall[] = [];
  kept: KeptState | undefined;
  readonly thoughts: unknown[] = [];
  finish: "stop" | "tool_calls" | "length" = "stop";
  stopSequence: string | undefined;
  #reported: { input_tokens: number; output_tokens: number } | undefined;

  add(chunk: ModelChunk): void {
    switch (chunk.type) {
      case "text":
        this.text += chunk.text;
        return;
      case "reasoning":
        this.reasoning += chunk.text;
        return;
      case "tool_call":
        this.toolCalls.push({ wire_id: chunk.wire_id, name: chunk.name, arguments: chunk.arguments });
        return;
      case "usage":
        this.#reported = chunk;
        return;
      case "kept":
        this.kept = chunk.state;
        return;
      case "thought":
        this.thoughts.push(chunk.value);
        return;
      case "end":
        this.finish = chunk.reason;
        this.stopSequence = chunk.stop_sequence;
    }
  }

  /** Far more than any model gives: a server that goes on and on is cut as at its own limit, before memory is. */
  isTooLong(): boolean {
    return this.text.length + this.reasoning.length > MOST_CHARACTERS;
  }

  /** Whether the first token has come: from here on nothing may be asked again. */
  hasBegun(): boolean {
    return this.text !== "" || this.reasoning !== "" || this.toolCalls.length > 0;
  }

  /** Zero counts are as good as none: some servers send them instead of leaving them out. @param isWhole the answer came to its end */
  usage(question: Question, isWhole: boolean): ModelUsage {
    const input = this.#reported?.input_tokens ?? 0;
    const said =
      this.reasoning + this.text + this.toolCalls.map((call) => call.name + call.arguments).join("");
    const reported = this.#reported?.output_tokens ?? 0;
    const isKnown = isWhole && input > 0 && (reported > 0 || said === "");
    if (isKnown) return { input_tokens: input, output_tokens: reported, estimated: false };
    return {
      input_tokens: input > 0 ? input : tokensOfMessages(question.messages) + tokensOfTools(question.tools),
      output_tokens: Math.max(reported, estimateTokens(said)),
      estimated: true,
    };
  }
}

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

/** Thoughts without a word are asked for anew, and have been used all the same. */
export function withVoids(asked: Exclude<Asked, { type: "failed" }>, voids: ModelUsage[]): Asked {
  const usage = voids.reduce(
    (sum, more) => ({
      input_tokens: sum.input_tokens + more.input_tokens,
      output_tokens: sum.output_tokens + more.output_tokens,
      estimated: sum.estimated || more.estimated,
    }),
    asked.usage,
  );
  return { ...asked, usage };
}

/** An attempt after which nothing is asked any more, as whoever asked is told it. */
export function ended(
  found: FoundModel,
  result: Exclude<Attempt, { type: "cancelled" }>,
  options: AskOptions,
): Exclude<Asked, { type: "failed" }> {
  const { answer } = result;
  if (result.type === "answered")
    return { type: "answered", finish: answer.finish, ...said(found, answer, options, true) };
  return { type: "interrupted", error: result.error, ...said(found, answer, options, false) };
}

/** What came of an answer, and what it is charged with. @param isWhole the answer came to its end */
export function said(found: FoundModel, answer: AnswerSoFar, options: AskOptions, isWhole: boolean): Said {
  const { text, reasoning, toolCalls, kept, thoughts, stopSequence } = answer;
  return {
    model: found.info.id,
    text,
    reasoning,
    toolCalls,
    ...(thoughts.length > 0 ? { thoughts } : {}),
    usage: answer.usage(options, isWhole),
    ...(kept ? { kept } : {}),
    ...(stopSequence === undefined ? {} : { stopSequence }),
  };
}
