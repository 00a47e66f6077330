// One question to a search provider: JSON over HTTP to an address of the operator's choice, bounded, without redirects.
import type { Dispatcher } from "undici";
import { failureOfStatus } from "./search-failure.ts";

const MOST_BYTES = 2_097_152;
const TIMEOUT_MS = 15_000;

export type Question = {
  provider: string;
  url: URL;
  headers?: Record<string, string>;
  /** Sent as JSON with POST; without it the URL is asked with GET. */
  body?: Record<string, unknown>;
  /** What a status means here that means something else elsewhere. */
  ofStatus?: (status: number, text: string) => string | undefined;
};

/** @returns the parsed answer. @throws Error in words, without anything that was sent or answered */
export async function askProvider(question: Question, signal: AbortSignal): Promise<unknown> {
  const { provider, url, body, headers = {}, ofStatus } = question;
  const { request } = await import("undici");
  let answer: Dispatcher.ResponseData;
  let text: string;
  try {
    answer = await request(url, {
      method: body ? "POST" : "GET",
      headers: {
        "user-agent": "MacJarvis/0.1",
        accept: "application/json",
        ...(body ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await textOf(answer.body);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new Error(`${provider} could not be reached, or has not answered in time. Try again later.`);
  }
  const { statusCode } = answer;
  const own = ofStatus?.(statusCode, text);
  if (own !== undefined) throw new Error(own);
  if (statusCode !== 200) throw failureOfStatus(provider, statusCode);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${provider} answered something that is no list of results. Try again later.`);
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw new Error("too long");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
