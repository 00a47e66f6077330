// What check_website_status tells of a website; apart from the tool so that a test can reach a server of its own.
import type { ToolResult } from "../../contracts/tools.ts";
import type { FetchOptions } from "./fetch-public.ts";

const DAY_MS = 86_400_000;

/** GETs the URL and answers its status, redirects, certificate (null for http) and time. Reads nothing of the body. */
export async function checkWebsite(url: string, options: FetchOptions): Promise<ToolResult> {
  // Only now: no start of the server waits for what few ask for.
  const { fetchPublic } = await import("./fetch-public.ts");
  const startedAt = performance.now();
  const answer = await fetchPublic(url, options);
  if (!answer.ok) return answer;
  const duration_ms = Math.round(performance.now() - startedAt);
  await answer.close();
  const { certificate } = answer;
  return {
    ok: true,
    data: {
      url,
      final_url: answer.url,
      status: answer.status,
      redirects: answer.redirects,
      tls: certificate && {
        ...certificate,
        days_left: Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS),
      },
      address: answer.address,
      duration_ms,
    },
  };
}
