// The HTTP server itself: where it listens, what it grants slow clients, and the answers to what Node refuses before there is
// a request (a broken request line, headers too large, a body that never ends).
// And how many connections there may be: of one address, so that it cannot take all, and altogether, so that files can still be opened.
import { randomUUID } from "node:crypto";
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CATALOGUE, type ErrorType } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { cannotListen } from "../../lib/net/cannot-listen.ts";
import { addressKey } from "./authenticate.ts";
import { limitTimeFairly } from "./fair-time-limits.ts";
import { SECURITY_HEADERS } from "./gate.ts";
import { problemDocument } from "./problem.ts";

/** Time a client may take to send its headers and its whole request, and how often that is looked at, in milliseconds. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 5_000;
/** Longer than what stands in front keeps a connection that nothing comes on: else a request meets one that is just closed (502). */
const IDLE_TIMEOUT_MS = 75_000;

/** @throws Error in words for a person when it cannot listen there */
export function openServer(place: { host: string; port: number }, receive: RequestListener): Promise<Server> {
  const server = createServer({
    noDelay: true,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    // A missing Host is refused by the gate, in a problem document.
    requireHostHeader: false,
  });
  limitTimeFairly(server, { headersMs: HEADERS_TIMEOUT_MS, requestMs: REQUEST_TIMEOUT_MS });
  const answers = new WeakMap<Duplex, ServerResponse>();
  const take: RequestListener = (request, response) => {
    answers.set(request.socket, response);
    receive(request, response);
  };
  server.on("request", take);
  // Whether a body is wanted is decided before the client is told to send it (read-body.ts); other expectations are ignored.
  server.on("checkContinue", take);
  server.on("checkExpectation", take);
  server.on("connect", (_request, socket) => refuse(socket, "method_not_allowed"));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    // In the middle of an answer nothing can be said any more.
    if (answer?.headersSent && !answer.writableFinished) socket.destroy();
    else refuse(socket, problemOf(error));
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen("PORT", place, error)));
    server.listen(place.port, place.host, () => resolve(server));
  });
}

function problemOf({ code }: NodeJS.ErrnoException): ErrorType {
  if (code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_incomplete";
  return "bad_request";
}

/** Answers on the bare connection and closes it. */
function refuse(socket: Duplex, type: ErrorType): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, title } = CATALOGUE[type];
  const requestId = randomUUID();
  const { body, contentType } = problemDocument({ type, detail: `${title}.`, extras: {} }, requestId);
  const headers = [
    ["X-Request-ID", requestId],
    ...SECURITY_HEADERS,
    ["Content-Type", contentType],
    ["Content-Length", String(Buffer.byteLength(body))],
    ["Cache-Control", "no-store"],
    ["Connection", "close"],
  ].map(([name, value]) => `${name}: ${value}\r\n`);
  // A client that goes away while it is answered is nobody's fault.
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${headers.join("")}\r\n${body}`);
}

type ConnectionLimits = {
  /** Connections of one address, for IPv6 of one /64. */
  perAddress: number;
  /** Of this machine and of trusted proxies come the connections of many. */
  isExempt(address: string): boolean;
};

/** Open files that are kept free of connections. */
const FILES = 1_024;
const LEAST = 64;

/** Cuts connections beyond the limits without a word: an answer would cost more than it says. */
export function limitConnections(server: Server, { perAddress, isExempt }: ConnectionLimits, log: Log): void {
  const open = new Map<string, number>();
  server.prependListener("connection", (socket: Socket) => {
    const { remoteAddress = "" } = socket;
    if (isExempt(remoteAddress)) return;
    const key = addressKey(remoteAddress);
    const count = (open.get(key) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(key, count);
    if (count === perAddress)
      log.warn({ address: key, connections: count }, "an address has all it may have");
    socket.once("close", () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
  const most = mostConnections();
  if (most === undefined) return;
  server.maxConnections = most;
  server.on("drop", () => log.warn({ connections: most }, "all connections are taken"));
}

/** By the limit of open files; undefined where there is none. */
function mostConnections(): number | undefined {
  // Looking up names of the network takes long; Node's types do not know the switch.
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const excludeNetwork = report.excludeNetwork;
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as {
    userLimits?: { open_files?: { soft: number | "unlimited" } };
  };
  report.excludeNetwork = excludeNetwork;
  const files = userLimits?.open_files?.soft;
  return typeof files === "number" ? Math.max(LEAST, files - FILES) : undefined;
}
