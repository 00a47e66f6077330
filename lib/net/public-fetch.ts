// `fetch` that reaches allowed addresses only (G28), for clients of others that take one: each connection is judged where it is opened, so
// also those behind a redirect. For what is fetched once: fetch-public.ts.
import { Agent, fetch } from "undici";
import { toError } from "../errors.ts";
import { NOT_SENT } from "./not-sent.ts";
import { isNearAddress, isPublicAddress } from "./public-address.ts";
import { type Connections, type ConnectorOptions, publicConnector } from "./public-connector.ts";

const UNSENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** Whoever asks ends it sooner. */
const LONGEST_WAIT_MS = 3_660_000;

export type PublicFetch = {
  fetch: typeof globalThis.fetch;
  /** Drops its connections. */
  close(): Promise<void>;
};

/** @param reach `near`: also addresses of this machine and of private networks, and still no link-local ones, where metadata lives */
export function publicFetch(
  reach: "public" | "near",
  options: Omit<ConnectorOptions, "isAllowed"> = {},
): PublicFetch {
  const isAllowed = reach === "near" ? isNearAddress : isPublicAddress;
  const seen: Connections = { failure: null, address: null, certificates: new Map() };
  const dispatcher = new Agent({
    connect: publicConnector({ ...options, isAllowed }, seen),
    headersTimeout: LONGEST_WAIT_MS,
    // A stream of events may be silent.
    bodyTimeout: 0,
  });
  const reaching = async (url: string | URL, init: RequestInit = {}) => {
    try {
      return await fetch(url, { ...(init as object), dispatcher });
    } catch (thrown) {
      init.signal?.throwIfAborted();
      throw inWords(toError(thrown), seen);
    }
  };
  return { fetch: reaching as unknown as typeof globalThis.fetch, close: () => dispatcher.destroy() };
}

/** undici says no more than "fetch failed": what it was is in the cause. */
function inWords(error: Error, { failure }: Connections): Error {
  const cause = error.cause === undefined ? error : toError(error.cause);
  const { code = "" } = cause as NodeJS.ErrnoException;
  const isRefused = failure !== null && cause.message === failure.message;
  const told = new Error(isRefused ? cause.message : `it cannot be reached (${code || cause.message})`);
  if (isRefused || UNSENT.test(code)) told.name = NOT_SENT;
  return told;
}
