// How many calls a user may have under way outside of runs, which nothing else counts: a machine works on so many at once, and the
// calls of others would be refused.
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";

const AT_ONCE = 20;

export class DirectCalls {
  /** By user; those that have none are not in it. */
  readonly #underWay = new Map<UserId, number>();

  /** Does the work as one of the user's. @throws concurrency_exceeded, and what the work throws */
  async run<T>(user: UserId, work: () => Promise<T>): Promise<T> {
    const before = this.#underWay.get(user) ?? 0;
    if (before >= AT_ONCE)
      throw new AppError(
        "concurrency_exceeded",
        `You have ${AT_ONCE} tool calls under way. Wait for one to end.`,
        { retryAfterMs: 1_000 },
      );
    this.#underWay.set(user, before + 1);
    try {
      return await work();
    } finally {
      const left = (this.#underWay.get(user) ?? 1) - 1;
      if (left > 0) this.#underWay.set(user, left);
      else this.#underWay.delete(user);
    }
  }
}
