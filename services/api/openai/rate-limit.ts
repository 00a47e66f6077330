// The daily runs in OpenAI's headers (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers).
import type { Started } from "../../../contracts/agent.ts";

/** Nothing where there is no limit. */
export function rateLimitHeaders(
  { limit, remaining, reset_at }: Started["rate_limit"],
  nowMs: number = Date.now(),
): [name: string, value: string][] {
  if (limit === null) return [];
  return [
    ["x-ratelimit-limit-requests", String(limit)],
    ["x-ratelimit-remaining-requests", String(Math.max(0, remaining ?? 0))],
    ["x-ratelimit-reset-requests", duration(Math.max(0, reset_at - Math.floor(nowMs / 1_000)))],
  ];
}

/** `6h2m1s`, as the vendor writes it. */
function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}
