// X-RateLimit headers of chat answers: the caller's daily runs, also on answers that are errors.
import type { ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { Started } from "../../contracts/agent.ts";
import { callAs } from "../../lib/broker/call.ts";

type RateLimit = Started["rate_limit"];

export function setRateLimit(response: ServerResponse, { limit, remaining, reset_at }: RateLimit): void {
  response.setHeader("X-RateLimit-Limit", limit === null ? "unlimited" : String(limit));
  response.setHeader(
    "X-RateLimit-Remaining",
    remaining === null ? "unlimited" : String(Math.max(0, remaining)),
  );
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
