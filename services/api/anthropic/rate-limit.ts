// The daily runs in Anthropic's headers (https://platform.claude.com/docs/en/api/rate-limits#response-headers).
import type { Started } from "../../../contracts/agent.ts";

/** Nothing where there is no limit. */
export function rateLimitHeaders({
  limit,
  remaining,
  reset_at,
}: Started["rate_limit"]): [name: string, value: string][] {
  if (limit === null) return [];
  return [
    ["anthropic-ratelimit-requests-limit", String(limit)],
    ["anthropic-ratelimit-requests-remaining", String(Math.max(0, Math.floor(remaining ?? 0)))],
    ["anthropic-ratelimit-requests-reset", new Date(reset_at * 1_000).toISOString()],
  ];
}
