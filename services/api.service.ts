// The only HTTP door: moleculer-web routes the table of `api/routes.ts`; everything a request passes is in `api/`.

import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Credential } from "../contracts/users.ts";
import { callAs, SYSTEM } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError } from "../lib/errors.ts";
import { logOf } from "../lib/log.ts";
import { metricsOf } from "../lib/metrics.ts";
import { NO_TRACING, tracingOf } from "../lib/tracing/tracing.ts";
import { cache } from "../mixins/cache.ts";
import { objects } from "../mixins/objects.ts";
import { presence } from "../mixins/presence.ts";
import { runEventLog } from "../mixins/run-events.ts";
import { signals } from "../mixins/signals.ts";
import { isLoopback, trustedProxies } from "./api/authenticate.ts";
import { chat, chatSync } from "./api/chat.ts";
import { getConfig, revertConfig, setConfig } from "./api/config.ts";
import { consoleFile, consolePage } from "./api/console.ts";
import { CredentialWatch } from "./api/credential-watch.ts";
import { exportSession } from "./api/export.ts";
import { FairShares, type ShareSettings } from "./api/fair-shares.ts";
import { downloadFile } from "./api/files/download.ts";
import { uploadFile } from "./api/files/upload.ts";
import {
  answerOptions,
  type GateSettings,
  hostsOf,
  logWhenAnswered,
  noSuchPath,
  passGate,
  pathOf,
  type Received,
  requireRoute,
  setHeaders,
  targetOf,
} from "./api/gate.ts";
import { type Exchange, type Gateway, handlerOf } from "./api/handle-request.ts";
import { live, readiness } from "./api/health.ts";
import { KnownCallers } from "./api/known-callers.ts";
import { userNews } from "./api/news.ts";
import { OnlineUsers } from "./api/online-users.ts";
import { limitConnections, openServer } from "./api/open-server.ts";
import { apiDocs, apiDocsStyle, openApi } from "./api/openapi.ts";
import { pairing } from "./api/pair.ts";
import { sendProblem } from "./api/problem.ts";
import { fullPath, hasHead, ROUTES } from "./api/routes.ts";
import { runEvents } from "./api/run-events.ts";
import { endRequests } from "./api/stop-server.ts";
import { requestTracer } from "./api/trace-request.ts";

/** An office behind one address has them; a stranger who opens thousands has not. */
const CONNECTIONS_PER_ADDRESS = 500;
/** Bodies of up to 10 MB, and answers of up to 8 MB (more where a single thing is larger). */
const LARGE_BODIES: ShareSettings = { each: 8, all: 48, waiting: 500, patienceMs: 10_000 };
const LARGE_ANSWERS: ShareSettings = { each: 4, all: 48, waiting: 500, patienceMs: 10_000 };

export type ApiSettings = {
  host: string;
  port: number;
  hosts: string[];
  origins: string[];
  trustedProxies: string[];
  /** Addresses and blocks whose `traceparent` is taken over. */
  traceSources?: string[];
};

const MIXINS = [cache, signals, runEventLog, presence, objects] as const;
type ApiService = With<typeof MIXINS> & {
  gateway: Gateway;
  gate: GateSettings;
  server: Server | undefined;
  routes: unknown[];
  addRoute(route: object): void;
  httpHandler(request: IncomingMessage, response: ServerResponse): void;
};

/** @param settings where to listen and who may come; the address in use is in `server.address()` after the start */
export function apiService(settings: ApiSettings): ServiceSchema {
  return defineService<"api", ApiService>({
    name: "api",
    mixins: [ApiGateway, ...MIXINS],
    settings: {
      // The server is ours, so that the gate stands before moleculer-web reads anything.
      server: false,
      // Aliases made of action names, of which there are none, would be made anew that long after a stop, with the process kept alive.
      debounceTime: 1,
      // Not an empty list: moleculer-web takes that for one route at "/" that reaches every action by its name.
      routes: null,
      // The table is in its order.
      optimizeOrder: false,
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
    },
    without: ["listAliases", "addRoute", "removeRoute"],
    created() {
      const isTrusted = trustedProxies(settings.trustedProxies);
      const origins = new Set(settings.origins);
      this.gateway = {
        broker: this.broker,
        ports: this.ports,
        log: logOf(this.broker, "api"),
        isTrusted,
        trace: tracerOf(this.broker, settings.traceSources ?? []),
        callers: knownCallers(this),
        credentials: watchCredentials(this),
        online: new OnlineUsers(this.ports.presence, metricsOf(this.broker)),
        bodies: new FairShares(LARGE_BODIES),
        answers: new FairShares(LARGE_ANSWERS),
        specials: {
          chat,
          chat_sync: chatSync,
          events: runEvents,
          news: userNews,
          export: exportSession,
          mcp,
          upload: uploadFile,
          download: downloadFile,
          pair: pairing(isTrusted),
          config: getConfig,
          config_set: setConfig,
          config_revert: revertConfig,
          openapi: openApi,
          docs: apiDocs,
          docs_style: apiDocsStyle,
          // Loaded with its first request: our own clients never ask for it.
          openai_models: async (exchange) => (await openAi.models()).listModels(exchange),
          openai_model: async (exchange) => (await openAi.models()).getModel(exchange),
          openai_responses: async (exchange) => (await openAi.responses()).createResponse(exchange),
          openai_response: async (exchange) => (await openAi.responses()).getResponse(exchange),
          openai_response_delete: async (exchange) => (await openAi.responses()).deleteResponse(exchange),
          openai_response_cancel: async (exchange) => (await openAi.responses()).cancelResponse(exchange),
          openai_chat: async (exchange) => (await openAi.chat()).chatCompletions(exchange),
          // Loaded by the first program that comes through their door.
          anthropic_messages: async (exchange) =>
            (await import("./api/anthropic/messages.ts")).messages(exchange),
          anthropic_count_tokens: async (exchange) =>
            (await import("./api/anthropic/count-tokens.ts")).countTokens(exchange),
          anthropic_models: async (exchange) => (await import("./api/anthropic/models.ts")).models(exchange),
          anthropic_model: async (exchange) => (await import("./api/anthropic/models.ts")).model(exchange),
          console: consolePage,
          console_file: consoleFile,
          live,
          ready: readiness(() => this.broker.core.ports.check()),
        },
        logins: async (route, exchange) =>
          (await import("./api/login-cookie.ts")).answerLogin({ isTrusted, origins }, route, exchange),
      };
      this.gate = { hosts: hostsOf(settings.host, settings.hosts), origins };
      this.addRoute({
        path: "/",
        mappingPolicy: "restrict",
        // No alias calls an action by itself: each is a function of ours.
        whitelist: [],
        bodyParsers: false,
        mergeParams: false,
        logging: false,
        pathToRegexpOptions: { sensitive: true, trailing: false },
        aliases: aliasesOf(this.gateway),
      });
      if (this.routes.length !== 1) throw new Error("the gateway serves the routes of its table only");
    },
    methods: {
      /** Whatever moleculer-web refuses by itself: no route has this path or method. */
      sendError(request: Received, response: ServerResponse, error: unknown) {
        sendProblem(response, noRoute(request, error), request.requestId ?? "", this.gateway.log);
      },
    },
    async started() {
      this.server = await openServer(settings, (request, response) => receive(this, request, response));
      const isExempt = (address: string) => isLoopback(address) || this.gateway.isTrusted(address);
      limitConnections(this.server, { perAddress: CONNECTIONS_PER_ADDRESS, isExempt }, this.gateway.log);
      this.gateway.online.start();
    },
    async stopped() {
      this.gateway.online.stop();
      this.gateway.callers.close();
      this.gateway.credentials.close();
      if (this.server) await endRequests(this.server);
    },
  });
}

const openAi = {
  models: () => import("./api/openai/models.ts"),
  chat: () => import("./api/openai/chat-completions.ts"),
  responses: () => import("./api/openai/responses.ts"),
};

function tracerOf(broker: ServiceBroker, sources: string[]): Gateway["trace"] {
  const tracing = tracingOf(broker);
  return tracing === NO_TRACING ? () => undefined : requestTracer(tracing, trustedProxies(sources));
}

function knownCallers({ broker, ports }: ApiService): KnownCallers {
  const prove = (token: string) => callAs(broker, "api", SYSTEM, "users.resolveToken", { token });
  return new KnownCallers(prove, ports.signals);
}

function watchCredentials({ broker, ports }: ApiService): CredentialWatch {
  const ask = async (credentials: Credential[]) =>
    (await callAs(broker, "api", SYSTEM, "users.credentials", { credentials })).states;
  return new CredentialWatch(ask, ports.signals, logOf(broker, "api"));
}

/** Loaded with the first request: the SDK costs 0.2 s and 25 MB, which most servers never need. */
async function mcp(exchange: Exchange): Promise<void> {
  const { serveMcp } = await import("./api/mcp/serve.ts");
  await serveMcp(exchange);
}

/** All routes; HEAD is served where GET is (RFC 9110, 9.3.2). */
function aliasesOf(gateway: Gateway): Record<string, ReturnType<typeof handlerOf>> {
  const aliases = ROUTES.map(
    (route) => [`${route.method} ${fullPath(route)}`, handlerOf(gateway, route)] as const,
  );
  const heads = ROUTES.filter(hasHead).map(
    (route) => [`HEAD ${fullPath(route)}`, handlerOf(gateway, route)] as const,
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
    passGate(service.gate, request, response);
    if (answerOptions(request, response)) return;
    requireRoute(request.method ?? "", request.url, response);
    service.httpHandler(request, response);
  } catch (error) {
    sendProblem(response, error, requestId, service.gateway.log);
  }
}

/** What moleculer-web says when no route fits: a path that cannot be decoded, or nothing at all. */
function noRoute(request: Received, error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 400) return new AppError("bad_request", "The address could not be decoded.");
  if (code === 404) return noSuchPath(request.method ?? "", pathOf(request.target ?? ""));
  return error;
}
