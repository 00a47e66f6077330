// The agent's policy around models (G13): retries and fallback before the first token, none after it; and models that fail rest. Every
// outcome is a value. Called by loop/ask-step.ts and loop/summarise.ts.
import { setTimeout as sleepFor } from "node:timers/promises";
import type { ModelHealth } from "../../../contracts/answers/models.ts";
import type { Settings } from "../../../contracts/config.ts";
import type { ModelChunk } from "../../../contracts/models.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import type { FoundModel, ModelRegistry } from "../../../plugins/models/registry.ts";
import { hasPicturesByAddress } from "../../../plugins/models/wire/pictures.ts";
import type { Asked, AskOptions, ModelAsker, ModelUsage } from "../asked.ts";
import { type Attempt, attempt, ended, isWithoutAWord, limitWithin, said, withVoids } from "./attempt.ts";
import { AskedModels, Cooldown } from "./health.ts";
import { attemptsAt, isProvidersFault, isTooLong, mayFallBack, nextDelay, reasonOf } from "./retry-plan.ts";

export type AskerSettings = {
  models: ModelRegistry;
  /** Read at each question: they may change while the process runs. */
  settings: { readonly now: ModelPatience };
  /** Told of each question that failed before its first token: what users do not see, operators should. */
  onFailure?: (failure: ModelFailure) => void;
  /** For tests: monotonic milliseconds; waits until then or until the signal is aborted; a number from 0 to 1. */
  now?: () => number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  random?: () => number;
};

/** Of the settings: the `provider/model` tried in this order when the run's own is down, and after how long without a byte one hangs. */
type ModelPatience = Pick<Settings, "fallback_models" | "model_idle_s" | "model_load_s">;

export type ModelFailure = {
  model: string;
  run_id: string;
  /** Of the catalogue. */
  type: string;
  /** Questions of this run to this model that have failed, this one included. */
  failed: number;
  /** Null: this model is given up for this question. */
  again_in_ms: number | null;
};

/** One for the process: what it learns about failing models holds for all runs. */
export function createAsker(settings: AskerSettings): ModelAsker {
  return new Asker(settings);
}

/**
 * A server of this machine or its network would fetch for any user what only it may reach (G28), so it is not asked such a question.
 * @param path of the messages, as whoever asks names them
 */
export function pictureNotFetched(path: string): AppError {
  const message =
    "has a picture by its address, and models of this server's own network fetch none: send its bytes";
  return new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}

type Outcome = Asked | { type: "next"; error: AppError };

class Asker implements ModelAsker {
  readonly #models: ModelRegistry;
  readonly #settings: AskerSettings["settings"];
  readonly #now: () => number;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #random: () => number;
  readonly #onFailure: (failure: ModelFailure) => void;
  readonly #cooldown: Cooldown;
  readonly #asked: AskedModels;

  constructor(given: AskerSettings) {
    const { models, settings, now, sleep, random, onFailure } = given;
    this.#models = models;
    this.#settings = settings;
    this.#now = now ?? (() => performance.now());
    this.#sleep = sleep ?? sleepUntil;
    this.#random = random ?? Math.random;
    this.#onFailure = onFailure ?? (() => undefined);
    this.#cooldown = new Cooldown(this.#now);
    this.#asked = new AskedModels(this.#now);
  }

  health(): ModelHealth[] {
    return this.#asked.list(this.#cooldown);
  }

  async ask(options: AskOptions): Promise<Asked> {
    let first: AppError | undefined;
    let last: AppError | undefined;
    let tooSmall = 0;
    for (const found of this.#inOrder(this.#candidates(options))) {
      const { context_window } = found.info;
      if (context_window <= tooSmall) {
        this.#cooldown.released(found.info.id);
        continue;
      }
      if (last)
        options.onRetry?.({
          attempt: 1,
          of: attemptsAt(last),
          reason: `${reasonOf(last)}; ${found.info.id} is asked instead`,
          wait_ms: 0,
          isVoid: false,
        });
      const outcome = await this.#askOne(found, options);
      if (outcome.type !== "next") return outcome;
      last = outcome.error;
      first ??= last;
      if (isTooLong(outcome.error)) tooSmall = Math.max(tooSmall, context_window);
      else if (!mayFallBack(outcome.error)) break;
    }
    return { type: "failed", error: first ?? this.#unasked(options) };
  }

  /** The run's model and the fallbacks that can be used now and take what is asked, each once. */
  #candidates({ model, parameters, messages }: AskOptions): FoundModel[] {
    const wouldFetch = hasPicturesByAddress(messages);
    return [...new Set([model, ...this.#settings.now.fallback_models])].flatMap((id) => {
      const found = this.#models.resolve(id);
      const isTaken = id === model || !parameters || !found?.provider.refuses(found.model, parameters);
      return found?.info.available && isTaken && !(wouldFetch && found.isLocal) ? [found] : [];
    });
  }

  /** Why nobody was asked. */
  #unasked({ model, messages }: AskOptions): AppError {
    const isRefused = this.#models.resolve(model)?.isLocal && hasPicturesByAddress(messages);
    return isRefused ? pictureNotFetched("messages") : unusable(model);
  }

  /** Those that do not rest; when all of them do, luck is tried rather than nothing. Asks about each only when its turn comes. */
  *#inOrder(candidates: FoundModel[]): Generator<FoundModel> {
    let isTried = false;
    for (const found of candidates) {
      if (this.#cooldown.isResting(found.info.id)) continue;
      isTried = true;
      yield found;
    }
    if (!isTried) yield* candidates;
  }

  async #askOne(found: FoundModel, options: AskOptions): Promise<Outcome> {
    const { id } = found.info;
    const voids: ModelUsage[] = [];
    for (let failed = 1; ; failed += 1) {
      const { result, firstWordMs } = await this.#attempt(found, options);
      if (result.type === "cancelled") {
        this.#cooldown.released(id);
        return withVoids({ type: "cancelled", ...said(found, result.answer, options, false) }, voids);
      }
      const isVoid = isWithoutAWord(result);
      if (result.type === "answered" || (result.answer.hasBegun() && !isVoid)) {
        this.#cooldown.succeeded(id);
        if (result.type === "answered") this.#asked.answered(id, firstWordMs);
        else this.#asked.failed(id, result.error.type);
        return withVoids(ended(found, result, options), voids);
      }
      const { error } = result;
      if (options.isExact && isType(error, "model_empty")) {
        this.#cooldown.succeeded(id);
        this.#asked.answered(id, firstWordMs);
        return { type: "answered", finish: "stop", ...said(found, result.answer, options, true) };
      }
      // A prompt that no model would take says nothing about the provider: one user must not put it to rest for all.
      if (isProvidersFault(error)) this.#cooldown.failed(id, error.data.retryAfterMs);
      else this.#cooldown.released(id);
      if (mayFallBack(error)) this.#asked.failed(id, error.type);
      const delay = nextDelay(error, failed, options.deadlineAt - this.#now(), this.#random);
      this.#onFailure({
        model: id,
        run_id: options.runId,
        type: error.type,
        failed,
        again_in_ms: delay ?? null,
      });
      // Thoughts that were told belong to this model: no other one is asked after them.
      if (delay === undefined && isVoid) return withVoids(ended(found, result, options), voids);
      if (delay === undefined) return { type: "next", error };
      if (isVoid) voids.push(result.answer.usage(options, false));
      const [attempt, of] = [failed + 1, attemptsAt(error)];
      options.onRetry?.({ attempt, of, reason: reasonOf(error), wait_ms: Math.round(delay), isVoid });
      await this.#sleep(delay, options.signal);
    }
  }

  /** `firstWordMs`: until the first piece of the answer; undefined where none came. */
  async #attempt(
    found: FoundModel,
    options: AskOptions,
  ): Promise<{ result: Attempt; firstWordMs: number | undefined }> {
    const { messages, tools, parameters, isExact, runId, signal } = options;
    const { model_idle_s, model_load_s } = this.#settings.now;
    const idleMs = model_idle_s * 1_000;
    const askedAt = this.#now();
    let firstWordMs: number | undefined;
    const result = await attempt(found, {
      request: {
        ...{ messages, tools, runId },
        ...(parameters ? { parameters } : {}),
        ...(isExact ? { isExact } : {}),
        ...limitWithin(found.info.context_window, options),
      },
      signal,
      idleMs,
      firstMs: found.isLocal ? model_load_s * 1_000 : idleMs,
      onChunk: (chunk: ModelChunk) => {
        if (chunk.type !== "usage") firstWordMs ??= this.#now() - askedAt;
        if (chunk.type === "text") options.onText(chunk.text);
        else if (chunk.type === "reasoning") options.onReasoning(chunk.text);
        else if (chunk.type === "thought") options.onThought?.(chunk.value);
      },
    }).catch((error: unknown) => {
      this.#cooldown.released(found.info.id);
      throw error;
    });
    return { result, firstWordMs };
  }
}

function unusable(model: string): AppError {
  return new AppError(
    "model_unavailable",
    `"${model}" cannot be used now: choose another model, or set its provider's API key.`,
  );
}

/** Ends early, without a throw, when the signal is aborted: the next attempt then ends at once as cancelled. */
async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal }).catch(() => undefined);
}
