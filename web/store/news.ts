// The one stream of what changes of a user's things, and who listens to it. It is read while somebody is signed in and can see the page;
// a hidden page reads it only where the person wants to be notified.
import { effect, signal } from "@preact/signals";
import type { UserNews } from "../../contracts/answers/news.ts";
import { userStream } from "../../lib/client/user-stream.ts";
import { client, seen, user } from "./account.ts";
import { isVisible } from "./visible.ts";

type Listener = (news: UserNews) => void;
const listeners = new Set<Listener>();

/** Said only of a connection that stays away for so long, in milliseconds: most come back at once. */
const SAY_AFTER_MS = 2_000;
/** The connection is away, and has been for a while. */
export const isLost = signal(false);
/** Whether a hidden page has to hear what happens. */
export const wantsNotifications = signal(
  typeof Notification !== "undefined" && Notification.permission === "granted",
);

/** @returns what ends it */
export function onNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begins and ends the reading as it is needed. Called once. */
export function followNews(): void {
  effect(() => {
    const isNeeded = user.value !== undefined && (isVisible.value || wantsNotifications.value);
    if (!isNeeded) return;
    const stop = new AbortController();
    void read(stop.signal);
    return () => stop.abort();
  });
}

async function read(signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onConnection = (state: "lost" | "back") => {
    clearTimeout(timer);
    if (state === "back") isLost.value = false;
    else
      timer = setTimeout(() => {
        isLost.value = !signal.aborted;
      }, SAY_AFTER_MS);
  };
  try {
    for await (const news of userStream(client, { signal, onConnection }))
      for (const listener of listeners) listener(news);
  } catch (thrown) {
    if (!signal.aborted) seen(thrown);
  } finally {
    clearTimeout(timer);
    isLost.value = false;
  }
}
