// What every request passes before anything of it is read: host, origin, no credential in the URL, security headers (G20).
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../lib/errors.ts";

export type GateSettings = {
  /** Host names without port that are served, lower case; IPv6 in brackets. */
  hosts: Set<string>;
  /** Origins that are served besides those of `hosts`. */
  origins: Set<string>;
};

const SECURITY_HEADERS: [string, string][] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
];

const CREDENTIAL_NAMES =
  /[?&](access_token|refresh_token|token|api_?key|key|password|secret|authorization)=/i;

/** Sets what every answer carries. */
export function setHeaders(response: ServerResponse, requestId: string): void {
  response.setHeader("X-Request-ID", requestId);
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
}

/**
 * @returns true when the request was a preflight and is answered
 * @throws host_not_allowed, origin_not_allowed, credential_in_url
 */
export function passGate(
  settings: GateSettings,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const host = hostName(request.headers.host);
  if (!settings.hosts.has(host))
    throw new AppError(
      "host_not_allowed",
      "This server does not answer to that host name. Add it to ALLOWED_HOSTS if it should.",
    );
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
      "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After",
    );
  }
  if (CREDENTIAL_NAMES.test(request.url ?? ""))
    throw new AppError(
      "credential_in_url",
      'Send the token in the header "Authorization: Bearer …"; addresses are logged everywhere.',
    );
  return request.method === "OPTIONS" && answerPreflight(request, response);
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers["access-control-request-method"] === undefined) return false;
  response.writeHead(204, {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers":
      "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-ID",
    "Access-Control-Max-Age": "600",
  });
  response.end();
  return true;
}

/** The server's own origin is the one whose host and port the request itself was sent to. */
function isAllowed(settings: GateSettings, origin: string, hostHeader: string | undefined): boolean {
  if (settings.origins.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === hostHeader?.toLowerCase() && settings.hosts.has(url.hostname);
}

function hostName(header: string | undefined): string {
  const value = (header ?? "").toLowerCase();
  if (value.startsWith("[")) return value.slice(0, value.indexOf("]") + 1);
  const colon = value.indexOf(":");
  return colon === -1 ? value : value.slice(0, colon);
}
