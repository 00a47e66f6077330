// The way from a Mac to its server outside of the bus: a few small requests over HTTPS, believed by the authorities that the
// system believes. No redirect is followed, no proxy is used.
import type { IncomingMessage } from "node:http";
import * as tls from "node:tls";
import { z } from "zod";
import { isLoopback } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { NodeProblem } from "./problem.ts";

export type ServerAccess = {
  /** With nothing behind its path, and without a slash at the end. */
  url: string;
  /** More authorities for its certificate, in PEM. */
  authorities?: string;
};

export type Answer = {
  status: number;
  body: unknown;
  retryAfterMs: number | undefined;
  /** The server's clock, epoch milliseconds, to the second. */
  serverTime?: number | undefined;
};
export type AskServer = (
  access: ServerAccess,
  path: string,
  body: unknown,
  signal?: AbortSignal,
) => Promise<Answer>;

const LIMIT_MS = 15_000;
const MOST_BYTES = 262_144;
const MOST_SECONDS = 3_600;

/**
 * The address of a server as a person gives it: https, or http to this machine.
 * @throws NodeProblem `bad_url`, `not_https`
 */
export function serverUrl(text: string): string {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (!url || !isWeb || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new NodeProblem({ kind: "bad_url", text });
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    throw new NodeProblem({ kind: "not_https", url: text });
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/api\/v1$/, "")}`;
}

/**
 * Posts JSON to a route below /api/v1.
 * @throws NodeProblem `unreachable`; `not_macjarvis` when what answers speaks no JSON
 */
export const askServer: AskServer = async (access, path, body, signal) => {
  const url = `${access.url}/api/v1${path}`;
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const response = await post(
      access,
      url,
      JSON.stringify(body),
      signal ? AbortSignal.any([limit, signal]) : limit,
    );
    const status = response.statusCode ?? 0;
    const parsed = jsonOf(await textOf(response));
    if (parsed === undefined && status !== 204)
      throw new NodeProblem({ kind: "not_macjarvis", url: access.url, status });
    const { date, "retry-after": retryAfter } = response.headers;
    const serverTime = Date.parse(date ?? "");
    return {
      ...{ status, body: parsed, retryAfterMs: retryAfterOf(retryAfter) },
      serverTime: Number.isNaN(serverTime) ? undefined : serverTime,
    };
  } catch (thrown) {
    if (thrown instanceof NodeProblem) throw thrown;
    signal?.throwIfAborted();
    const error = limit.aborted
      ? Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })
      : toError(thrown);
    throw new NodeProblem({ kind: "unreachable", url: access.url, error }, { cause: thrown });
  }
};

async function post(
  access: ServerAccess,
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options = {
    method: "POST",
    // One connection for each request: a Mac that sleeps would find a kept one dead.
    agent: false,
    signal,
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      accept: "application/json",
    },
  } as const;
  const isEncrypted = url.startsWith("https:");
  // The one that it takes, when it does: with `node:http` Node loads `fetch` and HTTP/2 as well, 14 MB.
  const { request } = isEncrypted ? await import("node:https") : await import("node:http");
  const authorities = isEncrypted ? { ca: authoritiesWith(access.authorities) } : {};
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, ...authorities }, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

let system: readonly string[] | undefined;

/** Those that Node brings, those of the system, and the given ones. */
function authoritiesWith(given: string | undefined): string[] {
  // The system's are read once: a keychain takes its time.
  system ??= [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])];
  return given === undefined ? [...system] : [...system, given];
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfterOf(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds > 0 ? Math.min(seconds, MOST_SECONDS) * 1_000 : undefined;
}

const problemBody = z.object({ code: z.string().optional(), detail: z.string().optional() });

/** The code and the words of an error of the server; empty where it has none. */
export function refusalOf({ body }: Answer): { code: string; detail: string } {
  const { code = "", detail = "" } = problemBody.safeParse(body).data ?? {};
  return { code, detail: detail.slice(0, 500) };
}
