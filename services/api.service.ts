// The only HTTP door: moleculer-web routes the table of `api/routes.ts`; everything a request passes is in `api/`.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { defineService } from "../lib/broker/define-service.ts";
import { AppError } from "../lib/errors.ts";
import { logOf } from "../lib/log.ts";
import { metricsOf } from "../lib/metrics.ts";
import { chat, chatSync } from "./api/chat.ts";
import { trustedProxies } from "./api/client-address.ts";
import { endStreams } from "./api/event-stream.ts";
import { exportSession } from "./api/export.ts";
import { type GateSettings, passGate, setHeaders } from "./api/gate.ts";
import { type Gateway, handlerOf } from "./api/handle-request.ts";
import { live, ready } from "./api/health.ts";
import { sendProblem } from "./api/problem.ts";
import { ROUTES } from "./api/routes.ts";
import { runEvents } from "./api/run-events.ts";

export type ApiSettings = {
  host: string;
  port: number;
  hosts: string[];
  origins: string[];
  trustedProxies: string[];
};

type ApiService = Service & {
  gateway: Gateway;
  gate: GateSettings;
  server: Server | undefined;
  addRoute(route: object): void;
  httpHandler(request: IncomingMessage, response: ServerResponse): void;
};

/** Time a client may take to send its headers and its body, in milliseconds. */
const HEADERS_TIMEOUT_MS = 20_000;
const BODY_TIMEOUT_MS = 120_000;
/** Time that requests under way get when the gateway ends, in milliseconds. */
const LAST_REQUESTS_MS = 2_000;
const LOOK_MS = 20;

/** @param settings where to listen and who may come; the address in use is in `server.address()` after the start */
export function apiService(settings: ApiSettings): ServiceSchema {
  return defineService<ApiService>({
    name: "api",
    mixins: [ApiGateway],
    // `server: false`: the server is ours, so that the gate stands before moleculer-web reads anything.
    settings: {
      server: false,
      routes: [],
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
    },
    actions: { listAliases: false, addRoute: false, removeRoute: false },
    created() {
      this.gateway = {
        broker: this.broker,
        log: logOf(this.broker, "api"),
        isTrusted: trustedProxies(settings.trustedProxies),
        specials: { chat, chat_sync: chatSync, events: runEvents, export: exportSession, live, ready },
      };
      this.gate = { hosts: hostsOf(settings), origins: new Set(settings.origins) };
      this.addRoute({
        path: "/api/v1",
        mappingPolicy: "restrict",
        bodyParsers: false,
        mergeParams: false,
        logging: false,
        aliases: Object.fromEntries(
          ROUTES.map((route) => [`${route.method} ${route.path}`, handlerOf(this.gateway, route)]),
        ),
      });
    },
    methods: {
      /** Whatever moleculer-web refuses by itself: no route has this path or method. */
      sendError(request: IncomingMessage & { requestId?: string }, response: ServerResponse, error: unknown) {
        sendProblem(response, noRoute(request, error), request.requestId ?? "", this.gateway.log);
      },
    },
    async started() {
      this.server = await listen(settings, (request, response) => receive(this, request, response));
    },
    async stopped() {
      await endRequests(this);
    },
  });
}

function receive(
  service: ApiService,
  request: IncomingMessage & { requestId?: string },
  response: ServerResponse,
): void {
  const given = String(request.headers["x-request-id"] ?? "");
  const requestId = /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
  request.requestId = requestId;
  request.headers["x-request-id"] = requestId;
  delete request.headers["x-correlation-id"];
  const beganAt = performance.now();
  const metrics = metricsOf(service.broker);
  setHeaders(response, requestId);
  // The router shortens the address while it works. A query is never logged: people put secrets there.
  const path = (request.url ?? "").split("?")[0]?.slice(0, 300);
  response.on("close", () => {
    const { method } = request;
    const { statusCode: status, writableFinished } = response;
    const ms = Math.round(performance.now() - beganAt);
    const cut = writableFinished ? {} : { cut: true };
    metrics.add("macjarvis_http_requests_total", { method: method ?? "", status });
    service.gateway.log.info({ request_id: requestId, method, path, status, ms, ...cut }, "request");
  });
  try {
    if (!passGate(service.gate, request, response)) service.httpHandler(request, response);
  } catch (error) {
    sendProblem(response, error, requestId, service.gateway.log);
  }
}

function noRoute(request: IncomingMessage, error: unknown): unknown {
  const path = ((request as { originalUrl?: string }).originalUrl ?? request.url ?? "").split("?")[0];
  const code = (error as { code?: unknown }).code;
  if (code === 404)
    return new AppError("not_found", `There is no ${request.method} ${path}. The routes are below /api/v1.`);
  if (code === 400) return new AppError("invalid_request", "The address could not be decoded.");
  return error;
}

function hostsOf(settings: ApiSettings): Set<string> {
  const own =
    settings.host.includes(":") && !settings.host.startsWith("[") ? `[${settings.host}]` : settings.host;
  return new Set(
    ["localhost", "127.0.0.1", "[::1]", own, ...settings.hosts].map((host) => host.toLowerCase()),
  );
}

function listen(
  settings: ApiSettings,
  receive: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(
    { noDelay: true, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: BODY_TIMEOUT_MS },
    receive,
  );
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(settings, error)));
    server.listen(settings.port, settings.host, () => resolve(server));
  });
}

function cannotListen({ host, port }: ApiSettings, error: NodeJS.ErrnoException): Error {
  if (error.code === "EADDRINUSE")
    return new Error(
      `Port ${port} on ${host} is in use. Stop what uses it, or choose another: PORT=${port + 1} npm start`,
    );
  return new Error(`Cannot listen on ${host}:${port}: ${error.code ?? error.message}`);
}

/** Stops listening; what is under way goes on. Called before anything else when the process drains. May be called again. */
export function closeDoor(service: Service): void {
  const { server } = service as ApiService;
  server?.close();
  server?.closeIdleConnections();
}

/**
 * Ends what is under way: event streams at once (their readers resume), other requests when they are answered, or are cut.
 * To be called before the service is destroyed: Moleculer waits for requests first and calls `stopped` after that.
 */
export async function endRequests(service: Service): Promise<void> {
  const { server } = service as ApiService;
  closeDoor(service);
  endStreams();
  if (!server) return;
  const cut = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
  await new Promise<void>((resolve) => {
    const look = () =>
      server.getConnections((_error, count) => {
        if (count > 0) setTimeout(look, LOOK_MS);
        else resolve();
      });
    look();
  });
  clearTimeout(cut);
}

/** The URL the gateway listens on, once started. */
export function urlOf(service: Service): string {
  const address = (service as ApiService).server?.address() as AddressInfo;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
