// One question to one model, with a watchdog: a provider that sends no byte for too long hangs and is let go.
import type { ModelChunk, ModelRequest } from "../../../contracts/models.ts";
import { AppError, isType, typeOf } from "../../../lib/errors.ts";
import type { FoundModel } from "../../../plugins/models/registry.ts";
import { AnswerSoFar } from "./answer-so-far.ts";

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
