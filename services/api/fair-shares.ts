// How much of what is held whole in memory (large bodies and large answers) there may be at once: of one client, so that whoever never
// ends what it sends, or never reads what it asked for, keeps only itself waiting, and altogether. What is too much waits its turn.
import type { ServerResponse } from "node:http";
import { AppError } from "../../lib/errors.ts";

export type ShareSettings = {
  /** At once, of one client and of all. */
  each: number;
  all: number;
  /** Requests of one client that may wait. */
  waiting: number;
  /** The longest that one waits, in milliseconds. */
  patienceMs: number;
};

type Place = { begin: () => void; refuse: (error: AppError) => void };

export class FairShares {
  readonly #settings: ShareSettings;
  /** By owner; those that hold nothing are not in it. */
  readonly #held = new Map<string, number>();
  /** Owners in the order of their turns, each with what waits for it, the oldest first. */
  readonly #waiting = new Map<string, Set<Place>>();
  #all = 0;

  constructor(settings: ShareSettings) {
    this.#settings = settings;
  }

  /**
   * Answers when there is room for one more of the owner. The share ends with the response at the latest.
   * @param owner the user, or the address of who is not known
   * @returns how to give it back sooner; may be called twice
   * @throws too_many_requests when too many of the owner's wait or have waited too long, busy when others have it all
   */
  async take(owner: string, response: ServerResponse): Promise<() => void> {
    if (response.destroyed) throw gone();
    if (this.#hasRoom(owner)) this.#hold(owner);
    else await this.#wait(owner, response);
    // It may have left in the very moment in which its turn came.
    if (response.destroyed) {
      this.#release(owner);
      throw gone();
    }
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      response.off("close", release);
      this.#release(owner);
    };
    response.once("close", release);
    return release;
  }

  #hasRoom(owner: string): boolean {
    const { each, all } = this.#settings;
    return this.#all < all && (this.#held.get(owner) ?? 0) < each;
  }

  #hold(owner: string): void {
    this.#held.set(owner, (this.#held.get(owner) ?? 0) + 1);
    this.#all += 1;
  }

  #wait(owner: string, response: ServerResponse): Promise<void> {
    const places = this.#waiting.get(owner) ?? new Set();
    if (places.size >= this.#settings.waiting) throw this.#tooMany(owner);
    this.#waiting.set(owner, places);
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        response.off("close", left);
        places.delete(place);
        if (places.size === 0 && this.#waiting.get(owner) === places) this.#waiting.delete(owner);
      };
      const place: Place = {
        begin: () => {
          leave();
          this.#hold(owner);
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const left = () => place.refuse(gone());
      const timer = setTimeout(() => place.refuse(this.#tooMany(owner)), this.#settings.patienceMs).unref();
      response.once("close", left);
      places.add(place);
    });
  }

  #release(owner: string): void {
    const left = (this.#held.get(owner) ?? 1) - 1;
    if (left > 0) this.#held.set(owner, left);
    else this.#held.delete(owner);
    this.#all -= 1;
    this.#next();
  }

  /** Whoever comes first among those that may have more; behind the others then. */
  #next(): void {
    for (const [owner, places] of this.#waiting) {
      if (this.#all >= this.#settings.all) return;
      if (!this.#hasRoom(owner)) continue;
      const [place] = places;
      this.#waiting.delete(owner);
      if (places.size > 1) this.#waiting.set(owner, places);
      place?.begin();
    }
  }

  #tooMany(owner: string): AppError {
    const isOwn = (this.#held.get(owner) ?? 0) >= this.#settings.each;
    return isOwn
      ? new AppError(
          "too_many_requests",
          "Read the large answers, and end the large requests, that you have under way first.",
          {
            retryAfterMs: 1_000,
          },
        )
      : new AppError("busy", "The server has too many large requests under way. Try again in a moment.", {
          retryAfterMs: 1_000,
        });
  }
}

/** Nobody hears it. */
const gone = () => new AppError("busy", "The client has left.");
