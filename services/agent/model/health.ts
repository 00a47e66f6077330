// What a process learns of models by asking them: which of them fail and rest for a while (G13), and for whoever runs the installation how
// they did lately. Written by ask-model.ts, shown by show-models.ts.
import { LRUCache } from "lru-cache";
import type { ModelHealth } from "../../../contracts/answers/models.ts";

/** Failures in a row after which a model rests. */
const PATIENCE = 3;
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 300_000;
/** A provider that wants to be left alone for days is asked again sooner: it may be a mistake. */
const LONGEST_WISH_MS = 3_600_000;

type Rest = { failures: number; restsUntil: number; isWish: boolean; rests: number; isProbed: boolean };

/**
 * Which models fail now, known to all runs of the process: after three failures in a row a model rests, so that other runs go straight
 * to their fallback instead of waiting for the same failure. Then one run may try it.
 */
export class Cooldown {
  readonly #rests = new Map<string, Rest>();
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the model should be passed over now. When its rest is over the first to ask is let through, the others wait for it. */
  isResting(id: string): boolean {
    const rest = this.#rests.get(id);
    if (!rest || rest.restsUntil === 0) return false;
    if (this.#now() < rest.restsUntil || rest.isProbed) return true;
    rest.isProbed = true;
    return false;
  }

  /** @param retryAfterMs how long the provider itself wants to be left alone */
  failed(id: string, retryAfterMs: number | undefined): void {
    const none = { failures: 0, restsUntil: 0, isWish: false, rests: 0, isProbed: false };
    const rest = this.#rests.get(id) ?? none;
    this.#rests.set(id, rest);
    rest.failures += 1;
    const now = this.#now();
    if (retryAfterMs !== undefined) restUntil(rest, now + Math.min(retryAfterMs, LONGEST_WISH_MS), true);
    if (rest.failures >= PATIENCE || rest.isProbed) {
      restUntil(rest, now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** rest.rests), false);
      rest.rests += 1;
      rest.failures = 0;
    }
    rest.isProbed = false;
  }

  /** It answers: everything is forgotten. */
  succeeded(id: string): void {
    this.#rests.delete(id);
  }

  /** Somebody gave up before it was known how it is: the next may try. */
  released(id: string): void {
    const rest = this.#rests.get(id);
    if (rest) rest.isProbed = false;
  }

  /** How it stands with a model, without letting anybody through. `leftMs`: until its rest is over. */
  look(id: string): Pick<ModelHealth, "state" | "rests_because"> & { leftMs: number } {
    const { restsUntil, isWish } = this.#rests.get(id) ?? { restsUntil: 0, isWish: false };
    if (restsUntil === 0) return { state: "closed", rests_because: null, leftMs: 0 };
    const leftMs = restsUntil - this.#now();
    if (leftMs <= 0) return { state: "half_open", rests_because: null, leftMs: 0 };
    return { state: "open", rests_because: isWish ? "provider" : "failures", leftMs };
  }
}

function restUntil(rest: Rest, until: number, isWish: boolean): void {
  if (until <= rest.restsUntil) return;
  rest.restsUntil = until;
  rest.isWish = isWish;
}

const HOUR_MS = 3_600_000;
const PARTS = 12;
const PART_MS = HOUR_MS / PARTS;
/** Names of models come from clients. */
const MOST_MODELS = 200;

type Part = { number: number; asked: number; failed: number; words: number; waitedMs: number };
type Story = Pick<
  ModelHealth,
  "failures_in_a_row" | "last_success_at" | "last_failure_at" | "last_failure"
> & { parts: Part[] };

/** How each model did: the last success and failure, and the last hour in parts of five minutes. Since the process started. */
export class AskedModels {
  readonly #stories = new LRUCache<string, Story>({ max: MOST_MODELS });
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param firstWordMs from the question to the first piece of the answer; undefined where it had none */
  answered(id: string, firstWordMs: number | undefined): void {
    const story = this.#storyOf(id);
    story.last_success_at = new Date().toISOString();
    story.failures_in_a_row = 0;
    const part = this.#partOf(story);
    part.asked += 1;
    if (firstWordMs === undefined) return;
    part.words += 1;
    part.waitedMs += firstWordMs;
  }

  /** @param type of the catalogue */
  failed(id: string, type: string): void {
    const story = this.#storyOf(id);
    story.last_failure_at = new Date().toISOString();
    story.last_failure = type;
    story.failures_in_a_row += 1;
    const part = this.#partOf(story);
    part.asked += 1;
    part.failed += 1;
  }

  /** Those that were asked, by their names. */
  list(cooldown: Pick<Cooldown, "look">): ModelHealth[] {
    return [...this.#stories]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([model, story]) => {
        const { parts, ...last } = story;
        const lately = parts.filter(({ number }) => number > this.#number() - PARTS);
        const sum = (name: Exclude<keyof Part, "number">) =>
          lately.reduce((all, part) => all + part[name], 0);
        const words = sum("words");
        const { leftMs, ...rest } = cooldown.look(model);
        return {
          model,
          ...rest,
          rests_until: leftMs > 0 ? new Date(Date.now() + leftMs).toISOString() : null,
          ...last,
          ...{ asked: sum("asked"), failed: sum("failed") },
          first_word_ms: words > 0 ? Math.round(sum("waitedMs") / words) : null,
        };
      });
  }

  #storyOf(id: string): Story {
    const none = { failures_in_a_row: 0, last_success_at: null, last_failure_at: null, last_failure: null };
    const story = this.#stories.get(id) ?? { ...none, parts: [] };
    this.#stories.set(id, story);
    return story;
  }

  #partOf({ parts }: Story): Part {
    const number = this.#number();
    const last = parts.at(-1);
    if (last?.number === number) return last;
    const part = { number, asked: 0, failed: 0, words: 0, waitedMs: 0 };
    parts.push(part);
    if (parts.length > PARTS) parts.shift();
    return part;
  }

  #number(): number {
    return Math.floor(this.#now() / PART_MS);
  }
}
