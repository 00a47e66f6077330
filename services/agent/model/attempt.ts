// One question to one model, with a watchdog: a provider that sends no byte for too long hangs and is let go.
import type { ModelChunk, ModelRequest } from "../../../contracts/models.ts";
import { AppError, typeOf } from "../../../lib/errors.ts";
import type { FoundModel } from "../../../plugins/models/registry.ts";
import { AnswerSoFar } from "./answer-so-far.ts";

export type AttemptOptions = {
  request: Omit<ModelRequest, "model" | "signal">;
  /** Aborted when the run is cancelled or out of time. */
  signal: AbortSignal;
  /** Milliseconds without a byte after which the provider counts as hanging. */
  idleMs: number;
  /** Called with each piece, synchronously, after it was taken down. */
  onChunk: (chunk: ModelChunk) => void;
};

export type Attempt =
  | { type: "answered"; answer: AnswerSoFar }
  | { type: "failed"; answer: AnswerSoFar; error: AppError }
  | { type: "cancelled"; answer: AnswerSoFar };

/** Never throws for what a provider does; a fault of our own is thrown on. */
export async function attempt(found: FoundModel, options: AttemptOptions): Promise<Attempt> {
  const { signal, idleMs, onChunk } = options;
  const answer = new AnswerSoFar();
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) stop.abort();
  const watchdog = new Watchdog(idleMs, onAbort);
  try {
    await found.provider.ask(
      { ...options.request, model: found.model, signal: stop.signal },
      (chunk) => {
        if (answer.isTooLong()) return onAbort();
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
    if (watchdog.hasBitten) return { type: "failed", answer, error: hanging(found, idleMs) };
    if (typeOf(error) === undefined) throw error;
    return { type: "failed", answer, error: error as AppError };
  } finally {
    watchdog.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

function hanging({ info }: FoundModel, idleMs: number): AppError {
  return new AppError(
    "model_timeout",
    `"${info.id}" sent nothing for ${Math.round(idleMs / 1_000)} s; ask again or choose another model.`,
  );
}

/** One timer for the whole answer: bytes only set a time stamp, because there are many of them. */
class Watchdog {
  readonly #idleMs: number;
  readonly #onHang: () => void;
  #aliveAt = performance.now();
  #timer: NodeJS.Timeout;
  hasBitten = false;

  constructor(idleMs: number, onHang: () => void) {
    this.#idleMs = idleMs;
    this.#onHang = onHang;
    this.#timer = setTimeout(() => this.#look(), idleMs);
  }

  alive(): void {
    this.#aliveAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#aliveAt + this.#idleMs - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#look(), left);
      return;
    }
    this.hasBitten = true;
    this.#onHang();
  }
}
