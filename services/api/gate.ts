// What every request passes before anything of it is read: security headers, its line in the access log, host, origin, no credential in
// the URL (G20); then OPTIONS is answered, and what the route table does not name is refused, before a library's router sees it: its
// idea of which paths mean the same (case, slashes, dots, action names) opens nothing, and whoever guards paths before us can compare
// them letter by letter.
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Span } from "../../lib/tracing/tracing.ts";
import { PREFIXES } from "./doors.ts";
import { fullPath, hasHead, ROUTES } from "./routes.ts";

export type GateSettings = {
  /** Host names without port that are served, lower case; IPv6 in brackets. */
  hosts: Set<string>;
  /** Origins that are served besides those of `hosts`. */
  origins: Set<string>;
};

export const SECURITY_HEADERS: [string, string][] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
];

const CREDENTIAL_NAME = /^(access_token|refresh_token|token|api_?key|key|password|secret|authorization)$/i;

const NO_TARGET = "The address of a request begins with a slash.";
const NO_SUCH_HOST = "This server does not answer to that host name. Add it to ALLOWED_HOSTS if it should.";
const NO_CREDENTIALS =
  'Send the token in the header "Authorization: Bearer …"; addresses are logged everywhere.';

/** Sets what every answer carries. */
export function setHeaders(response: ServerResponse, requestId: string): void {
  response.setHeader("X-Request-ID", requestId);
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
}

/** `target`: the path and query, once it is known to hold no credential; the router shortens `url` while it works. */
export type Received = IncomingMessage & {
  requestId?: string;
  originalUrl?: string;
  target?: string;
  /** The trace it is part of. */
  trace?: Span["ids"];
};

/** What looks like one of our credentials, wherever somebody has put it into a path. */
const CREDENTIAL = /(mj[rc]?_|eyJ)[\w.-]{16,}/g;
const LONGEST_PATH = 300;

/**
 * One line and one count for each request, when its answer is out or its client is gone. A query is never logged: people put secrets
 * there.
 */
export function logWhenAnswered(
  log: Log,
  metrics: Metrics,
  request: Received,
  response: ServerResponse,
): void {
  const beganAt = performance.now();
  response.on("close", () => {
    const { requestId, method = "", target = "-", trace } = request;
    const { statusCode: status, writableFinished } = response;
    const path = shownPath(target.split("?", 1)[0] ?? "");
    const ms = Math.round(performance.now() - beganAt);
    const cut = writableFinished ? {} : { cut: true };
    metrics.add("macjarvis_http_requests_total", { method, status });
    log.info({ request_id: requestId, ...trace, method, path, status, ms, ...cut }, "request");
  });
}

/** A path with a credential in it is shown decoded, so that no escape hides one; any other as it came. */
function shownPath(path: string): string {
  const decoded = path.replace(/%[0-9a-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
  const masked = decoded.replace(CREDENTIAL, "[secret]");
  return (masked === decoded ? path : masked.replace(/[^\x20-\x7e]/g, "?")).slice(0, LONGEST_PATH);
}

/**
 * The path and query of a request, without the authority that proxies send before it (RFC 9112, 3.2.2). What is returned
 * may be logged up to its `?`.
 * @throws bad_request, credential_in_url, host_not_allowed
 */
export function targetOf(settings: GateSettings, request: IncomingMessage): string {
  const target = request.url ?? "/";
  if (target.startsWith("/") || target === "*") return target;
  const [, authority = "", rest = ""] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  if (authority === "") throw new AppError("bad_request", NO_TARGET);
  if (authority.includes("@")) throw new AppError("credential_in_url", NO_CREDENTIALS);
  requireServed(settings, authority);
  // As it came: whoever stands before us compared these letters, not what a URL parser makes of them.
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/**
 * Passes, or says why not; tells a page of an allowed origin what it may read.
 * @throws bad_request, host_not_allowed, origin_not_allowed, credential_in_url
 */
export function passGate(settings: GateSettings, request: IncomingMessage, response: ServerResponse): void {
  requireHost(settings, request);
  requirePlainCoding(request);
  const { origin } = request.headers;
  if (origin !== undefined) {
    if (!isAllowed(settings, origin, request.headers.host))
      throw new AppError(
        "origin_not_allowed",
        "Pages of this origin may not call the server. Add it to ALLOWED_ORIGINS if they should.",
      );
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Vary", "Origin");
    response.setHeader(
      "Access-Control-Expose-Headers",
      "X-Request-ID, X-Run-Id, Mcp-Session-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Content-Disposition, Request-Id",
    );
  }
  refuseCredentials(request.url ?? "");
}

/** The names under which a server that listens on `host` is served. @param allowed others, of ALLOWED_HOSTS */
export function hostsOf(host: string, allowed: string[]): Set<string> {
  const own = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return new Set(["localhost", "127.0.0.1", "[::1]", own, ...allowed].map((name) => name.toLowerCase()));
}

/**
 * Exactly one Host header that names us: with two, a proxy before us may have looked at the other one.
 * @throws bad_request, host_not_allowed
 */
export function requireHost(settings: Pick<GateSettings, "hosts">, request: IncomingMessage): void {
  const given = request.headersDistinct.host ?? [];
  if (given.length !== 1 || given[0] === undefined)
    throw new AppError("bad_request", "Send one Host header.");
  requireServed(settings, given[0]);
}

/** @param authority host and perhaps port */
function requireServed(settings: Pick<GateSettings, "hosts">, authority: string): void {
  const host = /^(\[[\da-f:.]+\]|[^\s:@/[\]]+)(?::\d{1,5})?$/.exec(authority.toLowerCase())?.[1];
  if (host === undefined || !settings.hosts.has(host)) throw new AppError("host_not_allowed", NO_SUCH_HOST);
}

/** A coding besides `chunked` is none that we undo: whoever stands before us may have, and saw another body (RFC 9112, 6.1). */
function requirePlainCoding({ headers }: IncomingMessage): void {
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked")
    throw new AppError("bad_request", 'Send the body as it is: no Transfer-Encoding but "chunked".');
}

/** The names of the query as the query parser will read them, so that no escape hides one. */
function refuseCredentials(url: string): void {
  const start = url.indexOf("?");
  if (start === -1) return;
  for (const name of new URLSearchParams(url.slice(start + 1).replaceAll(";", "&")).keys())
    if (CREDENTIAL_NAME.test(name.trim())) throw new AppError("credential_in_url", NO_CREDENTIALS);
}

/** The server's own origin is the one whose host and port the request itself was sent to. */
function isAllowed(settings: GateSettings, origin: string, hostHeader: string | undefined): boolean {
  if (settings.origins.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === hostHeader?.toLowerCase() && settings.hosts.has(url.hostname);
}

/** Characters of a path that an answer repeats. */
const SHOWN = 200;

const PATTERNS = ROUTES.map((route) => ({
  methods: hasHead(route) ? ["GET", "HEAD"] : [route.method],
  pattern: new RegExp(
    `^${fullPath(route).replace(".", "\\.").replace(/:\w+/g, "[^/]+").replace(/\*\w+/g, ".+")}$`,
  ),
}));
const methodsBy = (path: string) =>
  PATTERNS.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
/** Paths without parameters: most of what is asked. */
const PLAIN = new Map(
  ROUTES.filter(({ path }) => !/[:*]/.test(path))
    .map(fullPath)
    .map((path) => [path, methodsBy(path)]),
);

/** The methods that a path has in the table, spelled exactly like this; empty when there is no such path. */
function methodsOf(path: string): string[] {
  return PLAIN.get(path) ?? methodsBy(path);
}

/** The path of a target as it came. */
export const pathOf = (target: string): string => target.split("?", 1)[0] ?? "";

/**
 * Lets a request pass that the table names. Sets `Allow` where the path has other methods.
 * @param target path and query as they came
 * @throws not_found, method_not_allowed
 */
export function requireRoute(method: string, target: string, response: ServerResponse): void {
  const path = pathOf(target);
  const methods = methodsOf(path);
  if (methods.includes(method)) return;
  if (methods.length === 0) throw noSuchPath(method, path);
  response.setHeader("Allow", methods.join(", "));
  throw new AppError("method_not_allowed", `There is no ${method} here, but ${methods.join(", ")}.`);
}

/** Says how the path is spelled when only its spelling is wrong. */
export function noSuchPath(method: string, path: string): AppError {
  const shown = path.length <= SHOWN ? path : `${path.slice(0, SHOWN)}…`;
  const usual = path
    .toLowerCase()
    .replace(/\/{2,}/g, "/")
    .replace(/\/$/, "");
  const meant = [usual, PREFIXES.api + usual].find((other) => PLAIN.has(other));
  const advice = meant === undefined ? `The routes are below ${PREFIXES.api}.` : `Perhaps you mean ${meant}.`;
  return new AppError("not_found", `There is no ${method} ${shown}. ${advice}`);
}

const ALLOWED_HEADERS = [
  ...["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Request-ID"],
  ...["X-Session-Id", "X-Approval-Wait", "Mcp-Protocol-Version", "Mcp-Session-Id"],
  ...["X-Api-Key", "Anthropic-Version", "Anthropic-Beta"],
  // What vendors' own clients send from a page.
  "Anthropic-Dangerous-Direct-Browser-Access",
  ...["Arch", "Helper-Method", "Lang", "OS", "Package-Version"].map((name) => `X-Stainless-${name}`),
  ...["Retry-Count", "Runtime", "Runtime-Version", "Timeout"].map((name) => `X-Stainless-${name}`),
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * @returns true when the request was one, and is answered
 * @throws not_found
 */
export function answerOptions(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "OPTIONS") return false;
  const path = pathOf(request.url ?? "/");
  const methods = path === "*" ? METHODS : methodsOf(path);
  if (methods.length === 0) throw noSuchPath("OPTIONS", path);
  const isPreflight = request.headers["access-control-request-method"] !== undefined;
  response.writeHead(
    204,
    isPreflight
      ? {
          "Access-Control-Allow-Methods": METHODS.join(", "),
          "Access-Control-Allow-Headers": ALLOWED_HEADERS.join(", "),
          "Access-Control-Max-Age": "600",
        }
      : { Allow: [...methods, "OPTIONS"].join(", ") },
  );
  response.end();
  return true;
}
