// The one HTTP client of the model providers: undici's dispatcher with plain callbacks, because a promise or a web stream per
// chunk costs more than the rest of a token. No time-outs of its own but for connecting: the agent's watchdog decides.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { ProxySettings } from "../../contracts/models.ts";
import { abortError, Exchange, type WireReader } from "./exchange.ts";

/** `headers` may have a credential: never to be logged. */
export type WireRequest = {
  url: URL;
  headers: Record<string, string>;
  /** A POST with this body; a GET without one. */
  body?: string;
  /** Aborting closes the socket at once. */
  signal: AbortSignal;
};

const CONNECT_MS = 10_000;
/** Idle sockets stay open this long for the next step of the run. */
const KEEP_ALIVE_MS = 60_000;

/** Characters from which the work on a body is felt by others. */
const LARGE_BODY = 65_536;

const POOL = {
  // A stream of its own per answer: an abort then closes its socket, and no other answer waits behind it.
  allowH2: false,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { timeout: CONNECT_MS },
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MS,
};

/** A pool of sockets for all providers of a process; requests may be sent at the same time. */
export type Transport = {
  /** The variable that may have sent a request to this address to a proxy: what fails then may be that. */
  proxyOf(url: URL): string | undefined;
  /**
   * Sends one request and hands the response to `reader` as it comes. No retry, no redirect.
   * @throws an error named `AbortError` when the signal is aborted; the network's own error (`code` ECONNREFUSED, ENOTFOUND,
   * UND_ERR_SOCKET …) when the connection fails or breaks off; whatever `reader` throws.
   */
  send(request: WireRequest, reader: WireReader): Promise<void>;
};

/** A pool of sockets; loaded at the first request, because a process may never make one. */
export function openTransport({ http, https, none }: ProxySettings = {}): Transport {
  const openDirect = once(() => import("undici").then(({ Agent }) => new Agent(POOL)));
  const openProxied = once(() =>
    import("undici").then(
      ({ EnvHttpProxyAgent }) =>
        // An address that is not given is given as none: the class would look into the environment itself.
        new EnvHttpProxyAgent({
          ...POOL,
          httpProxy: http ?? "",
          httpsProxy: https ?? "",
          noProxy: none ?? "",
          // Plain HTTP goes through a proxy as requests, not through a tunnel, which many allow for 443 only.
          proxyTunnel: false,
        }),
    ),
  );
  const proxyOf = ({ protocol, hostname }: URL) => {
    if (protocol === "https:") return https ? "HTTPS_PROXY" : undefined;
    return http && !isLoopback(hostname) ? "HTTP_PROXY" : undefined;
  };
  return {
    proxyOf,
    async send(request, reader) {
      const open = proxyOf(request.url) ? openProxied : openDirect;
      await dispatchTo(await open(), request, reader);
    },
  };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The one that knows no proxy. */
export const DIRECT = openTransport();

async function dispatchTo(dispatcher: Dispatcher, request: WireRequest, reader: WireReader): Promise<void> {
  const body = await bytesOf(request.body);
  if (request.signal.aborted) throw abortError();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const exchange = new Exchange(reader, resolve, reject);
  const onAbort = () => exchange.abort();
  request.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const { url, headers } = request;
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: body === null ? "GET" : "POST",
        headers,
        body,
      },
      exchange,
    );
    await promise;
  } finally {
    request.signal.removeEventListener("abort", onAbort);
  }
}

/** A server on this machine that speaks plain HTTP (Ollama, LM Studio) is nothing for a proxy elsewhere, as in Go and in browsers. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** A large body is made bytes apart from what comes before and after, so that other streams get their turn between (P4). */
async function bytesOf(body: string | undefined): Promise<string | Buffer | null> {
  if (body === undefined || body.length < LARGE_BODY) return body ?? null;
  await nextTurn();
  const bytes = Buffer.from(body);
  await nextTurn();
  return bytes;
}
