// How far a request is, for a client that asked to be told (`_meta.progressToken`): a word from time to time, never more than a few a
// second, and one every few seconds while nothing happens, so that clients that give up in silence do not.
import type { Extra } from "./asked.ts";

const LEAST_MS = 500;
const SILENCE_MS = 5_000;
const LONGEST = 200;

export class Progress {
  readonly #say: ((message: string) => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #beganAt = performance.now();
  #saidAt = 0;
  #last = "at work";
  #progress = 0;

  constructor({ _meta, signal, sendNotification }: Extra) {
    const token = _meta?.progressToken;
    if (token === undefined) return;
    this.#say = (message) => {
      if (signal.aborted) return;
      this.#progress += 1;
      this.#saidAt = performance.now();
      const params = { progressToken: token, progress: this.#progress, message };
      // Nobody hears it any more.
      sendNotification({ method: "notifications/progress", params }).catch(() => undefined);
    };
    this.#timer = setInterval(() => this.#beat(), SILENCE_MS).unref();
  }

  get isWanted(): boolean {
    return this.#say !== undefined;
  }

  /** @param message what it does now; left out where the last word was just said */
  say(message: string): void {
    this.#last = message.slice(0, LONGEST);
    if (performance.now() - this.#saidAt >= LEAST_MS) this.#say?.(this.#last);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const seconds = Math.round((performance.now() - this.#beganAt) / 1_000);
    this.#say?.(`${this.#last} (${seconds} s)`);
  }
}
