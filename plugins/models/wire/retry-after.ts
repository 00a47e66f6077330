// How long a provider wants to be left alone: said in a header, in a field of its body, or in a sentence.
import type { IncomingHttpHeaders } from "node:http";

const FIELD = /"(?:retryDelay|retry_after(?:_seconds)?|retry_after_s)": ?"?(\d+(?:\.\d+)?)s?"?/;
const SENTENCE =
  /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+|\d+(?:\.\d+)? ?(?:seconds?|minutes?))/i;
const PART = /(\d+(?:\.\d+)?) ?(ms|s|m|h)/g;
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds; undefined when it said nothing that can be read. */
export function retryAfterMs(headers: IncomingHttpHeaders, body: string): number | undefined {
  return inHeaders(headers) ?? inBody(body);
}

/** `retry-after-ms`, or `Retry-After` as seconds or as a date (measured by the provider's own clock where it sends one). */
function inHeaders(headers: IncomingHttpHeaders): number | undefined {
  const exact = numberOf(headers["retry-after-ms"]);
  if (exact !== undefined) return Math.ceil(exact);
  const text = headers["retry-after"];
  const seconds = numberOf(text);
  if (seconds !== undefined) return Math.ceil(seconds * 1_000);
  const at = Date.parse(text ?? "");
  if (Number.isNaN(at)) return undefined;
  const now = Date.parse(headers.date ?? "");
  return Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}

/** Google's `RetryInfo.retryDelay: "2.2s"`; OpenAI's and Groq's "Please try again in 1m2.5s". */
function inBody(body: string): number | undefined {
  const field = FIELD.exec(body)?.[1];
  if (field !== undefined) return Math.ceil(Number(field) * 1_000);
  const sentence = SENTENCE.exec(body)?.[1];
  if (sentence === undefined) return undefined;
  let sum = 0;
  for (const [, count, unit = "s"] of sentence.matchAll(PART))
    sum += Number(count) * (MILLISECONDS[unit] ?? 0);
  return Math.ceil(sum);
}

function numberOf(value: string | string[] | undefined): number | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
