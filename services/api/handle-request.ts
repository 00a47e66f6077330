// A request from the router to its answer, each stage a function: authenticate → parameters → action → answer. Whatever a
// stage throws becomes a problem document (docs/request-path.md).
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { Started } from "../../contracts/agent.ts";
import { callAs } from "../../lib/broker/action.ts";
import { AppError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import { rateLimitHeaders as anthropicLimits } from "./anthropic/refusal.ts";
import { authenticate, clientAddress, type TrustedProxies, takeAnonymous } from "./authenticate.ts";
import type { CredentialWatch } from "./credential-watch.ts";
import { type Door, doorOf, PREFIXES } from "./doors.ts";
import type { FairShares } from "./fair-shares.ts";
import type { Received } from "./gate.ts";
import type { KnownCallers } from "./known-callers.ts";
import type { OnlineUsers } from "./online-users.ts";
import { rateLimitHeaders as openAiLimits } from "./openai/rate-limit.ts";
import { sendProblem } from "./problem.ts";
import { readBody } from "./read-body.ts";
import type { Route, Special } from "./routes.ts";
import { sayWhenLeft } from "./say-when-left.ts";
import type { TraceRequest } from "./trace-request.ts";

type GatewayPorts = Pick<Ports, "counters" | "signals" | "events" | "objects">;

/** One request under way, as the special handlers get it. */
export type Exchange = {
  broker: ServiceBroker;
  ports: GatewayPorts;
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  log: Log;
  caller: Caller | undefined;
  /** What the action is called with: identity, address. */
  meta: { identity?: string; clientAddress: string; clientProgram?: string };
  params: Record<string, unknown>;
  /** What is left of the time in which a request is answered or refused, without what it took to read it. */
  leftMs: number;
};
export type SpecialHandler = (exchange: Exchange) => Promise<void>;

export type LoginRoute = Route & Required<Pick<Route, "login">>;

export type Gateway = {
  broker: ServiceBroker;
  ports: GatewayPorts;
  log: Log;
  isTrusted: TrustedProxies;
  trace: TraceRequest;
  callers: KnownCallers;
  credentials: CredentialWatch;
  online: OnlineUsers;
  /** Of the memory for large bodies and for large answers. */
  bodies: FairShares;
  answers: FairShares;
  specials: Record<Special, SpecialHandler>;
  /** Of routes that open, refresh or end a login. */
  logins: (route: LoginRoute, exchange: Exchange) => Promise<void>;
};

type Routed = IncomingMessage & {
  requestId?: string;
  $params?: { params?: Record<string, string | string[]> };
};

/** The function moleculer-web calls for a matched route. Never rejects. */
export function handlerOf(
  gateway: Gateway,
  route: Route,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const span = gateway.trace(route, request, response);
    await gateway.broker.core.tracing.within(span, () => handleOrSay(gateway, route, request, response));
  };
}

async function handleOrSay(
  gateway: Gateway,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = (request as Routed).requestId ?? "";
  try {
    await handle(gateway, route, request, response, requestId);
  } catch (error) {
    // Ended with its credential, it was answered then.
    if (!response.writableEnded) sendProblem(response, error, requestId, gateway.log);
  }
}

/** So long a credential counts as looked at just now, in milliseconds: a body may take minutes to come. */
const FRESH_MS = 100;

async function handle(
  gateway: Gateway,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { broker, ports, log } = gateway;
  const address = clientAddress(request, gateway.isTrusted);
  const clock = { leftMs: Number(broker.options.requestTimeout) };
  const known = await timed(clock, identify(gateway, route, request, address));
  const knownAt = performance.now();
  const { caller } = known;
  if (caller && route.lasts) endWithCredential(gateway, caller, response, requestId);
  const owner = caller?.user_id ?? address;
  try {
    const params = await paramsOf(gateway, route, request as Routed, response, owner);
    // Apart: what a client has not read yet must not keep it from cancelling or answering.
    if (route.large)
      await gateway.answers.take(`${route.method === "GET" ? "read" : "change"} ${owner}`, response);
    // What has ended while the body came, or while others were read, opens nothing any more.
    const isFresh = !caller || performance.now() - knownAt < FRESH_MS;
    const now = isFresh ? known : await timed(clock, identify(gateway, route, request, address));
    if (response.writableEnded) return;
    const { leftMs } = clock;
    await answer(gateway, route, {
      broker,
      ports,
      request,
      response,
      requestId,
      log,
      ...now,
      params,
      leftMs,
    });
  } catch (error) {
    if (caller && countsRuns(route) && !response.headersSent)
      await setRateLimitOfRefusal(broker, response, caller, error);
    throw error;
  }
}

/** Even so late an action may succeed. */
const LEAST_MS = 2_000;

async function timed<T>(clock: { leftMs: number }, work: Promise<T>): Promise<T> {
  const begunAt = performance.now();
  try {
    return await work;
  } finally {
    clock.leftMs = Math.max(LEAST_MS, clock.leftMs - (performance.now() - begunAt));
  }
}

/** Characters of what a program says of itself that are kept with a login. */
const LONGEST_PROGRAM = 200;

function programOf({ headers }: IncomingMessage): { clientProgram?: string } {
  const said = headers["user-agent"]
    ?.replaceAll(/[^\x20-\x7e]/g, "")
    .slice(0, LONGEST_PROGRAM)
    .trim();
  return said ? { clientProgram: said } : {};
}

/** Who asks, and as what its actions are called. @throws what `authenticate` throws, too_many_requests */
async function identify(
  { broker, callers, ports, online }: Gateway,
  route: Route,
  request: IncomingMessage,
  address: string,
): Promise<Pick<Exchange, "caller" | "meta">> {
  if (route.auth === "user") {
    const caller = await authenticate(broker, callers, ports.counters, request, address);
    online.seen(caller.user_id);
    return { caller, meta: { clientAddress: address, identity: broker.core.identity.tokenOf(caller) } };
  }
  // Pages and their files are the same for everybody, and cost nothing.
  if (route.door !== "page" && !route.path.startsWith("/health/"))
    await takeAnonymous(broker, ports.counters, address);
  return { caller: undefined, meta: { clientAddress: address, ...programOf(request) } };
}

function endWithCredential(
  { credentials, log }: Gateway,
  caller: Caller,
  response: ServerResponse,
  requestId: string,
): void {
  const stop = credentials.watch(caller, (reason) => {
    // A stream that has begun is cut: its reader resumes, and is told why it may not.
    if (!response.writableEnded || response.writableLength > 0) sendProblem(response, reason, requestId, log);
  });
  response.once("close", stop);
  if (response.destroyed) stop();
}

async function answer(gateway: Gateway, route: Route, exchange: Exchange): Promise<void> {
  if (typeof route.target !== "string") return gateway.specials[route.target.special](exchange);
  const { login } = route;
  if (login) return gateway.logins({ ...route, login }, exchange);
  const { broker, ports, params, requestId, response, leftMs } = exchange;
  const limit = route.lasts || route.slow ? {} : { timeout: leftMs };
  const leaving = route.lasts
    ? sayWhenLeft(ports.signals, (left) => response.once("close", left))
    : undefined;
  const meta = leaving ? { ...exchange.meta, ...leaving.meta } : exchange.meta;
  try {
    const result = await broker.call(route.target, params, { meta, requestID: requestId, ...limit });
    if (response.writableEnded) return;
    sendJson(response, route.status ?? 200, result);
  } finally {
    leaving?.stop();
  }
}

const RUN_STARTERS = /^(chat|chat_sync|openai_chat|openai_responses|anthropic_messages)$/;

function countsRuns({ target }: Route): boolean {
  return typeof target !== "string" && RUN_STARTERS.test(target.special);
}

type RateLimit = Started["rate_limit"];

/** The same in the headers that a door's programs look for. */
const LIMITS_OF: Partial<Record<Door, (limit: RateLimit) => [name: string, value: string][]>> = {
  openai: openAiLimits,
  anthropic: anthropicLimits,
};

/**
 * The X-RateLimit headers of a chat's answer: the caller's daily runs; where a limit refused the run, the runs of the window that did.
 * Nothing is set where there is no limit: a word in place of a number breaks clients that count.
 */
export function setRateLimit(response: ServerResponse, { limit, remaining, reset_at }: RateLimit): void {
  if (limit === null) return;
  response.setHeader("X-RateLimit-Limit", String(limit));
  response.setHeader("X-RateLimit-Remaining", String(Math.max(0, remaining ?? 0)));
  response.setHeader("X-RateLimit-Reset", String(reset_at));
  const { target = "" } = response.req as Received;
  if (target.startsWith(PREFIXES.api)) return;
  const ofDoor = LIMITS_OF[doorOf(target)];
  for (const [name, value] of ofDoor?.({ limit, remaining, reset_at }) ?? []) response.setHeader(name, value);
}

/** A refusal that was waited for is not held back for its headers. */
const A_MOMENT = { timeout: 1_000 };

/** Sets the headers of a chat that was refused: what the refusal says, else what the quota says now, if it can. */
async function setRateLimitOfRefusal(
  broker: ServiceBroker,
  response: ServerResponse,
  caller: Caller,
  error: unknown,
): Promise<void> {
  const known = (error as { data?: { rate_limit?: RateLimit } } | null)?.data?.rate_limit;
  if (known) return setRateLimit(response, known);
  try {
    const { today } = await callAs(broker, "api", caller, "quota.usage", { days: 1 }, A_MOMENT);
    const { limit, remaining, resets_at } = today;
    setRateLimit(response, { limit, remaining, reset_at: Math.floor(Date.parse(resets_at) / 1000) });
  } catch {
    // The refusal itself matters more: a store that is down is why there is one.
  }
}

/** Path parameters win; a body or a query that names one of them as well is refused. */
async function paramsOf(
  { bodies }: Gateway,
  route: Route,
  request: Routed,
  response: ServerResponse,
  owner: string,
): Promise<Record<string, unknown>> {
  // As many at once as of other large bodies: each takes a file on the disk, and then a process that reads it.
  if (route.raw) await bodies.take(owner, response);
  const path: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request.$params?.params ?? {})) path[name] = textOf(value);
  const given =
    route.method === "GET" || route.raw
      ? queryOf(request.url ?? "")
      : await bodyOf(request, response, { bodies, owner, lasts: route.lasts === true });
  for (const name of Object.keys(path))
    if (name in given)
      throw new AppError("invalid_request", `"${name}" is part of the path.`, {
        errors: [{ path: name, message: "is part of the path" }],
      });
  return { ...given, ...path };
}

/** What stands for several parts of a path comes in its parts. */
const textOf = (value: string | string[]) => (typeof value === "string" ? value : value.join("/"));

/** A large one counts until its request is answered; one that begins what lasts, until it is read. */
async function bodyOf(
  request: Routed,
  response: ServerResponse,
  { bodies, owner, lasts }: { bodies: FairShares; owner: string; lasts: boolean },
): Promise<Record<string, unknown>> {
  let release = () => {};
  try {
    return await readBody(request, response, async () => {
      release = await bodies.take(owner, response);
    });
  } finally {
    if (lasts) release();
  }
}

function queryOf(url: string): Record<string, string> {
  const start = url.indexOf("?");
  const query: Record<string, string> = {};
  if (start === -1) return query;
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (Object.hasOwn(query, name) || name === "__proto__" || name === "constructor")
      throw new AppError("invalid_request", `The query has "${name}" twice or may not have it.`, {
        errors: [{ path: name, message: "may be given once" }],
      });
    query[name] = value;
  }
  return query;
}

/** The meta of a call that is made late: an identity is good for minutes, a stream or a wait may last longer. */
export function metaNow({ broker, meta, caller }: Exchange): Exchange["meta"] {
  return caller ? { ...meta, identity: broker.core.identity.tokenOf(caller) } : meta;
}

/** Answers with JSON; 204 without a body. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (status === 204) {
    response.writeHead(204);
    response.end();
    return;
  }
  const body = JSON.stringify(value ?? null);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}
