// The only HTTP door: moleculer-web routes the table of `api/routes.ts`; everything a request passes is in `api/`.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError } from "../lib/errors.ts";
import { logOf } from "../lib/log.ts";
import { metricsOf } from "../lib/metrics.ts";
import { cache } from "../mixins/cache.ts";
import { runEventLog } from "../mixins/run-events.ts";
import { signals } from "../mixins/signals.ts";
import { logWhenAnswered, type Received } from "./api/access-log.ts";
import { chat, chatSync } from "./api/chat.ts";
import { trustedProxies } from "./api/client-address.ts";
import { exportSession } from "./api/export.ts";
import { type GateSettings, passGate, setHeaders, targetOf } from "./api/gate.ts";
import { type Gateway, handlerOf } from "./api/handle-request.ts";
import { live, ready } from "./api/health.ts";
import { openServer } from "./api/open-server.ts";
import { openApi } from "./api/openapi.ts";
import { sendProblem } from "./api/problem.ts";
import { hasHead, methodsOf, ROUTES } from "./api/routes.ts";
import { runEvents } from "./api/run-events.ts";
import { endRequests } from "./api/stop-server.ts";
import { answerWelcome } from "./api/welcome.ts";

export type ApiSettings = {
  host: string;
  port: number;
  hosts: string[];
  origins: string[];
  trustedProxies: string[];
};

const MIXINS = [cache, signals, runEventLog] as const;
type ApiService = With<typeof MIXINS> & {
  gateway: Gateway;
  gate: GateSettings;
  server: Server | undefined;
  addRoute(route: object): void;
  httpHandler(request: IncomingMessage, response: ServerResponse): void;
};

/** @param settings where to listen and who may come; the address in use is in `server.address()` after the start */
export function apiService(settings: ApiSettings): ServiceSchema {
  return defineService<"api", ApiService>({
    name: "api",
    mixins: [ApiGateway, ...MIXINS],
    // `server: false`: the server is ours, so that the gate stands before moleculer-web reads anything.
    settings: {
      server: false,
      routes: [],
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
    },
    without: ["listAliases", "addRoute", "removeRoute"],
    created() {
      this.gateway = {
        broker: this.broker,
        ports: this.ports,
        log: logOf(this.broker, "api"),
        isTrusted: trustedProxies(settings.trustedProxies),
        specials: {
          chat,
          chat_sync: chatSync,
          events: runEvents,
          export: exportSession,
          openapi: openApi,
          live,
          ready,
        },
      };
      this.gate = { hosts: hostsOf(settings), origins: new Set(settings.origins) };
      this.addRoute({
        path: "/api/v1",
        mappingPolicy: "restrict",
        bodyParsers: false,
        mergeParams: false,
        logging: false,
        aliases: aliasesOf(this.gateway),
      });
    },
    methods: {
      /** Whatever moleculer-web refuses by itself: no route has this path or method. */
      sendError(request: Received, response: ServerResponse, error: unknown) {
        sendProblem(response, noRoute(request, response, error), request.requestId ?? "", this.gateway.log);
      },
    },
    async started() {
      this.server = await openServer(settings, (request, response) => receive(this, request, response));
    },
    async stopped() {
      if (this.server) await endRequests(this.server);
    },
  });
}

/** All routes; HEAD is served where GET is (RFC 9110, 9.3.2). */
function aliasesOf(gateway: Gateway): Record<string, ReturnType<typeof handlerOf>> {
  const aliases = ROUTES.map(
    (route) => [`${route.method} ${route.path}`, handlerOf(gateway, route)] as const,
  );
  const heads = ROUTES.filter(hasHead).map(
    (route) => [`HEAD ${route.path}`, handlerOf(gateway, route)] as const,
  );
  return Object.fromEntries([...aliases, ...heads]);
}

function receive(service: ApiService, request: Received, response: ServerResponse): void {
  const given = String(request.headers["x-request-id"] ?? "");
  const requestId = /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
  request.requestId = requestId;
  request.headers["x-request-id"] = requestId;
  delete request.headers["x-correlation-id"];
  setHeaders(response, requestId);
  logWhenAnswered(service.gateway.log, metricsOf(service.broker), request, response);
  try {
    request.url = request.target = targetOf(service.gate, request);
    if (passGate(service.gate, request, response) || answerWelcome(request, response)) return;
    service.httpHandler(request, response);
  } catch (error) {
    sendProblem(response, error, requestId, service.gateway.log);
  }
}

/** What moleculer-web says when no route fits: another method of the same path, or nothing at all. */
function noRoute(request: Received, response: ServerResponse, error: unknown): unknown {
  const path = (request.originalUrl ?? request.url ?? "").split("?")[0] ?? "";
  const code = (error as { code?: unknown }).code;
  if (code === 400) return new AppError("bad_request", "The address could not be decoded.");
  if (code !== 404) return error;
  const methods = methodsOf(path);
  if (methods.length === 0)
    return new AppError("not_found", `There is no ${request.method} ${path}. The routes are below /api/v1.`);
  response.setHeader("Allow", methods.join(", "));
  return new AppError("method_not_allowed", `There is no ${request.method} here, but ${methods.join(", ")}.`);
}

function hostsOf(settings: ApiSettings): Set<string> {
  const own =
    settings.host.includes(":") && !settings.host.startsWith("[") ? `[${settings.host}]` : settings.host;
  return new Set(
    ["localhost", "127.0.0.1", "[::1]", own, ...settings.hosts].map((host) => host.toLowerCase()),
  );
}

/** The HTTP server of the gateway, once started. */
export function serverOf(service: Service): Server | undefined {
  return (service as ApiService).server;
}

/** The URL the gateway listens on, once started. */
export function urlOf(service: Service): string {
  const address = (service as ApiService).server?.address() as AddressInfo;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
