// HTTP for tools, to public addresses only (G28): follows redirects by hand, so that each one is judged like the first URL.
// Used by check-website.ts; whoever wants the body reads it from the answer.
import { Agent, request } from "undici";
import {
  type Certificate,
  type Connections,
  type ConnectorOptions,
  type FetchFailure,
  publicConnector,
} from "./public-connector.ts";
import { notAskedAbout } from "./refused-address.ts";

export type FetchOptions = ConnectorOptions & {
  /** Ends the request, its body included. */
  signal: AbortSignal;
  /** Hosts the call may send to; asked for the URL and for each redirect, before a name is looked up. */
  mayReach(host: string): boolean;
  /** Redirects that are followed; 10 unless said. */
  maxRedirects?: number;
  /** Sent after each redirect too, to whatever host: never credentials. */
  headers?: Record<string, string>;
};
type Redirect = { status: number; from: string; to: string };
type PublicResponse = {
  ok: true;
  /** Where the last redirect led. */
  url: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The body as it comes, undecoded and unbounded: the reader sets the bound. Its errors are the reader's to handle. */
  body: AsyncIterable<Buffer>;
  redirects: Redirect[];
  /** Of the last connection; null for http. */
  certificate: Certificate | null;
  /** IP address that answered last. */
  address: string | null;
  /** Drops the connection and what is left of the body. Must be called; may be called again. */
  close(): Promise<void>;
};
/** Headers have arrived, or why they have not. */
export type FetchResult = PublicResponse | { ok: false; error: FetchFailure };
type Hop = PublicResponse & { location: string | undefined };

const MAX_REDIRECTS = 10;
const USER_AGENT = "MacJarvis/0.1";
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Characters of a redirect's target that are shown. */
const SHOWN_URL = 2_000;
const SHOWN_HOST = 253;

/**
 * GETs a URL from the public internet. Never throws: what went wrong is in `error`, in words for the model.
 * With `ok` the caller must `close()`.
 */
export async function fetchPublic(url: string, options: FetchOptions): Promise<FetchResult> {
  const limit = options.maxRedirects ?? MAX_REDIRECTS;
  const seen: Connections = { failure: null, address: null, certificates: new Map() };
  const agent = new Agent({ connect: publicConnector(options, seen) });
  const redirects: Redirect[] = [];
  const give = async (error: FetchFailure): Promise<FetchResult> => {
    await agent.destroy();
    return { ok: false, error };
  };
  let next = parseUrl(url);
  for (;;) {
    if ("code" in next) return give(next);
    if (!options.mayReach(next.hostname)) return give(notAsked(next, redirects.length > 0));
    const hop = await openHop(next, { agent, seen, options, redirects });
    if (!hop.ok) return give(hop.error);
    if (!REDIRECTS.has(hop.status) || hop.location === undefined) return hop;
    if (redirects.length === limit)
      return give({
        code: "too_many_redirects",
        message: `The server redirects more than ${limit} times, last to ${shown(hop.location)}.`,
      });
    const target = parseUrl(hop.location, next);
    const to = "code" in target ? hop.location : target.href;
    redirects.push({ status: hop.status, from: next.href, to: shown(to) });
    next = target;
  }
}

/** The URL when it may be asked for: http or https, without credentials. `base` is the URL that redirected here. */
function parseUrl(text: string, base?: URL): URL | FetchFailure {
  const url = URL.parse(text, base?.href);
  const what = base ? "The redirect" : "The URL";
  if (url === null) return { code: "invalid_url", message: `${what} is not a valid URL.` };
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return {
      code: "invalid_url",
      message: `${what} leads to ${url.protocol}; only http and https are opened.`,
    };
  if (url.username !== "" || url.password !== "")
    return { code: "invalid_url", message: `${what} contains a user name or password; give it without.` };
  url.hash = "";
  return url;
}

/** Names the host only: the rest of a redirect's target is whatever the other server liked to write. */
function notAsked({ hostname }: URL, isRedirect: boolean): FetchFailure {
  const host = hostname.slice(0, SHOWN_HOST);
  if (!isRedirect) return notAskedAbout(host);
  const message = `The server redirects to ${host}, a host that nobody was asked about, so it was not followed. If that is where you want to go, call the tool with an address there.`;
  return { code: "host_not_asked", message };
}

async function openHop(
  url: URL,
  way: { agent: Agent; seen: Connections; options: FetchOptions; redirects: Redirect[] },
): Promise<Hop | { ok: false; error: FetchFailure }> {
  const { agent, seen, options } = way;
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal: options.signal,
      headers: { "user-agent": USER_AGENT, accept: "*/*", ...options.headers },
    });
    // A body that is not read to its end errs when the connection is dropped: that is nobody's fault.
    body.on("error", () => undefined);
    const location = Array.isArray(headers.location) ? headers.location[0] : headers.location;
    if (REDIRECTS.has(statusCode) && location !== undefined) body.destroy();
    return {
      ok: true,
      url: url.href,
      status: statusCode,
      headers,
      body,
      redirects: way.redirects,
      certificate:
        url.protocol === "https:"
          ? (seen.certificates.get(`${bareHost(url)}:${url.port || "443"}`) ?? null)
          : null,
      address: seen.address,
      close: () => agent.destroy(),
      location,
    };
  } catch (error: unknown) {
    return { ok: false, error: seen.failure ?? classify(error, options.signal, url) };
  }
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

const TIMEOUTS = /^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;
/** OpenSSL's verification codes and Node's own. */
const TLS_FAULTS =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/;

function classify(error: unknown, signal: AbortSignal, url: URL): FetchFailure {
  const code = String((error as { code?: unknown } | null)?.code ?? "unknown");
  if (signal.aborted)
    return { code: "timeout", message: `${url.host} did not answer before the call ended.` };
  if (TIMEOUTS.test(code))
    return { code: "timeout", message: `${url.host} did not answer in time (${code}).` };
  if (TLS_FAULTS.test(code))
    return { code: "tls_failed", message: `The secure connection to ${url.host} failed (${code}).` };
  return { code: "connect_failed", message: `${url.host} could not be reached or broke off (${code}).` };
}

function shown(url: string): string {
  return url.length > SHOWN_URL ? `${url.slice(0, SHOWN_URL)}…` : url;
}
