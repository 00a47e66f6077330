// The refresh token of a browser in a cookie: no script reads it, it goes to the routes of accounts only, and it authenticates nothing:
// it is what `POST /users/refresh` and `/users/logout` take where their body has no token. Programs keep theirs in bodies.
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { LOGIN_KEPT_MS, type TokenPair } from "../../contracts/users.ts";
import { callUnchecked, parse } from "../../lib/broker/action.ts";
import { AppError, isType } from "../../lib/errors.ts";
import { isLoopback } from "../../lib/net/is-loopback.ts";
import { cameByTls, type TrustedProxies } from "./authenticate.ts";
import { PREFIXES } from "./doors.ts";
import { type Exchange, type LoginRoute, sendJson } from "./handle-request.ts";

type Settings = { isTrusted: TrustedProxies; origins: ReadonlySet<string> };

const cookieField = z.object({ cookie: z.boolean().default(false) });
const TOKEN = /^mjr_[\w-]{20,100}$/;

/** Opens, refreshes or ends a login, with the cookie where that was asked for. @throws what its action throws, origin_not_allowed */
export async function answerLogin(
  { isTrusted, origins }: Settings,
  { login, status = 200, target }: LoginRoute,
  exchange: Exchange,
): Promise<void> {
  const { broker, meta, request, response, requestId, leftMs } = exchange;
  const { cookie: _, ...params } = exchange.params;
  const { cookie: wanted } = parse(cookieField, exchange.params);
  const jar = jarOf(request, isTrusted);
  const byCookie = login !== "opens" && params.refresh_token === undefined && isOfBrowser(request, jar);
  if (byCookie) {
    requireOwnPage(request, origins);
    params.refresh_token = tokenIn(request, jar);
    // What is no token of ours ends here, for good: a browser would send it again and again.
    if (params.refresh_token === undefined || login === "ends") clear(response, jar);
    if (params.refresh_token === undefined && login === "ends") return sendJson(response, status, null);
    if (params.refresh_token === undefined)
      throw new AppError(
        "refresh_invalid",
        "This browser has no login that can be gone on with: log in again.",
      );
  }
  const options = { meta, requestID: requestId, timeout: leftMs };
  const result = await callUnchecked(broker, target as "users.refresh", params, options).catch(
    (thrown: unknown) => {
      // Not when it was raced: the cookie of whoever came first is in the jar already.
      if (byCookie && isType(thrown, "refresh_invalid", "refresh_reused")) clear(response, jar);
      throw thrown;
    },
  );
  if (response.writableEnded) return;
  const isKept = login !== "ends" && (wanted || byCookie);
  sendJson(response, status, isKept ? keep(response, jar, result) : result);
}

/** Where this browser keeps the token: ports share cookies, so another server on this machine has another name. */
type Jar = { name: string; attributes: string };

function jarOf(request: IncomingMessage, isTrusted: TrustedProxies): Jar {
  const [, host = "", port = "80"] = /^(.*?)(?::(\d+))?$/.exec(request.headers.host ?? "") ?? [];
  const isSecure = cameByTls(request, isTrusted) || !isLoopback(host.toLowerCase());
  return {
    name: isSecure ? "__Secure-macjarvis-refresh" : `macjarvis-refresh-${port}`,
    attributes: `Path=${PREFIXES.api}/users; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`,
  };
}

/** A program that has forgotten its token is told so, not where browsers come from. */
function isOfBrowser(request: IncomingMessage, jar: Jar): boolean {
  return request.headers.origin !== undefined || valuesIn(request, jar).length > 0;
}

/**
 * The gate has let pass no foreign origin. Browsers name it with each POST; what names none is no page of ours. Another port of this host
 * is the same site to a browser, so its word for that counts too, unless an operator has named the origin.
 * @throws origin_not_allowed
 */
function requireOwnPage({ headers }: IncomingMessage, origins: ReadonlySet<string>): void {
  const { origin, "sec-fetch-site": site } = headers;
  const isOwn = origin !== undefined && (site === undefined || site === "same-origin" || origins.has(origin));
  if (!isOwn)
    throw new AppError("origin_not_allowed", "Only a page of this server may use the cookie of a login.");
}

/** Undefined for none, for several, of which somebody else has set one, and for what is no token. */
function tokenIn(request: IncomingMessage, jar: Jar): string | undefined {
  const [value, ...more] = valuesIn(request, jar);
  return value !== undefined && more.length === 0 && TOKEN.test(value) ? value : undefined;
}

function valuesIn({ headers }: IncomingMessage, { name }: Jar): string[] {
  return (headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** @returns the body without the token */
function keep(
  response: ServerResponse,
  { name, attributes }: Jar,
  { refresh_token, ...rest }: TokenPair,
): Omit<TokenPair, "refresh_token"> {
  response.setHeader(
    "Set-Cookie",
    `${name}=${refresh_token}; ${attributes}; Max-Age=${LOGIN_KEPT_MS / 1_000}`,
  );
  return rest;
}

function clear(response: ServerResponse, { name, attributes }: Jar): void {
  response.setHeader("Set-Cookie", `${name}=; ${attributes}; Max-Age=0`);
}
