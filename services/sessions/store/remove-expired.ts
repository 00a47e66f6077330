// Sessions that programs' requests have made go 30 days after their last use. Every process looks now and again; whoever is first removes.
import type { Caller } from "../../../contracts/access.ts";
import { source } from "../../../contracts/given.ts";
import type { SessionId, UserId } from "../../../contracts/ids.ts";
import { isType, toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { Rooms } from "../rooms.ts";
import { removeSession } from "./remove-session.ts";

const KEPT_MS = 30 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;
const PAGE = 100;

/** Removes as their owners would; none of their rights is needed. */
const asOwner = (user_id: UserId): Caller => ({
  user_id,
  role: "free_user",
  plan: "",
  scopes: "all",
  service: "sessions",
});

/**
 * @param nowMs of this machine's clock, which need not be exact to the hour
 * @returns how many have gone
 * @throws what keeps one from being removed; the next look tries again
 */
export async function removeExpired(rooms: Rooms, nowMs: number = Date.now()): Promise<number> {
  const until = new Date(nowMs - KEPT_MS).toISOString();
  let removed = 0;
  for (const door of source.options)
    for (;;) {
      const oldest = await rooms.sessions.list({ index: "by_age", equals: { source: door }, limit: PAGE });
      const expired = oldest.filter(({ updated_at }) => updated_at < until);
      for (const { _id, user_id } of expired) {
        await removeUnlessGone(rooms, user_id, _id);
        removed += 1;
      }
      if (expired.length < PAGE) break;
    }
  return removed;
}

async function removeUnlessGone(rooms: Rooms, user_id: UserId, id: SessionId): Promise<void> {
  try {
    await removeSession(rooms, asOwner(user_id), id);
  } catch (thrown) {
    // Another process was faster.
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

/** @returns how to stop */
export function startRemoving(rooms: Rooms, log: Log): () => void {
  const look = () =>
    removeExpired(rooms).catch((thrown: unknown) =>
      log.warn({ err: toError(thrown) }, "sessions of programs are removed later"),
    );
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return () => clearInterval(timer);
}
