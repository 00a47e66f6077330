// X-RateLimit headers of chat answers: the caller's daily runs, also on answers that are errors; where a limit refused the run,
// the runs of the window that did.
import type { ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { Started } from "../../contracts/agent.ts";
import { callAs } from "../../lib/broker/action.ts";

type RateLimit = Started["rate_limit"];

/** Nothing is set where there is no limit: a word in place of a number breaks clients that count. */
export function setRateLimit(response: ServerResponse, { limit, remaining, reset_at }: RateLimit): void {
  if (limit === null) return;
  response.setHeader("X-RateLimit-Limit", String(limit));
  response.setHeader("X-RateLimit-Remaining", String(Math.max(0, remaining ?? 0)));
  response.setHeader("X-RateLimit-Reset", String(reset_at));
}

/** Sets the headers of a chat that was refused: what the refusal says, else what the quota says now, if it can. */
export async function setRateLimitOfRefusal(
  broker: ServiceBroker,
  response: ServerResponse,
  caller: Caller,
  error: unknown,
): Promise<void> {
  const known = (error as { data?: { rate_limit?: RateLimit } } | null)?.data?.rate_limit;
  if (known) return setRateLimit(response, known);
  try {
    const { today } = await callAs(broker, "api", caller, "quota.usage", { days: 1 });
    const { limit, remaining, resets_at } = today;
    setRateLimit(response, { limit, remaining, reset_at: Math.floor(Date.parse(resets_at) / 1000) });
  } catch {
    // The refusal itself matters more: a store that is down is why there is one.
  }
}
