// Says to whoever watches a user's things (GET /events) that one of them has changed. It can be lost, like every signal.
import type { UserNews } from "../contracts/answers/news.ts";
import type { UserId } from "../contracts/ids.ts";
import type { Signals } from "./ports/signals.ts";

/** The signal that carries a `UserNews`. */
export const newsOf = (user: UserId) => `user.${user}.news`;

export function tellUser(signals: Pick<Signals, "publish">, user: UserId, news: UserNews): void {
  signals.publish(newsOf(user), news);
}
