// One request to `/mcp`: checked, given to a server of the SDK that lives as long as it does, and its answer passed on. What is short is
// answered as JSON; a call of a tool as a stream of events, since it may last, tell how far it is, and ask.
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Caller } from "../../../contracts/access.ts";
import { requireScope } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Exchange } from "../handle-request.ts";
import { isRequest, messageOf } from "./messages.ts";
import { openMcpServer } from "./server.ts";
import { type McpSession, newKey, newSession, sessionOf } from "./session.ts";
import { UNDER_WAY } from "./under-way.ts";
import { hear, outerId, passOn } from "./words-on-the-way.ts";

/** @throws scope_missing, invalid_request, not_found */
export async function serveMcp(exchange: Exchange): Promise<void> {
  const { caller, params, ports, request, response } = exchange;
  if (!caller) throw new Error("a user's route has a caller");
  requireScope(caller, ["tools:execute", "chat", "sessions:read"]);
  const message = messageOf(params);
  const session = sessionOf(request.headers["mcp-session-id"]);
  if (isRequest(message)) return serveRequest(exchange, caller, session, message);
  const transport = new WebStandardStreamableHTTPServerTransport();
  transport.onmessage = (said) => passOn(ports.signals, caller.user_id, session, said);
  await pass(await transport.handleRequest(asked(exchange), { parsedBody: params }), response);
}

async function serveRequest(
  exchange: Exchange,
  caller: Caller,
  session: McpSession | undefined,
  message: JSONRPCRequest,
): Promise<void> {
  const { params, ports, response } = exchange;
  const isCall = message.method === "tools/call";
  const key = newKey();
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !isCall });
  const [cancelled, ending] = [new AbortController(), new AbortController()];
  const server = openMcpServer({
    ...{ exchange, caller, asks: session?.asks === true },
    ...{ cancelled: cancelled.signal, ending: ending.signal },
  });
  await server.connect(withOuterIds(transport, key));
  const left = Promise.withResolvers<undefined>();
  const close = () => {
    left.resolve(undefined);
    void server.close();
  };
  const hearing = {
    ...{ user: caller.user_id, session, id: message.id, key },
    onCancel: () => {
      cancelled.abort();
      // A request that was cancelled is not answered: its stream ends.
      close();
    },
    onAnswer: (answer: JSONRPCMessage) => transport.onmessage?.(answer),
  };
  // What is short is over before a cancel comes, and asks nobody.
  const heard = isCall ? hear(ports.signals, hearing) : undefined;
  const end = () => ending.abort(shuttingDown());
  UNDER_WAY.add(end);
  response.once("close", close);
  try {
    // Else a cancel could come before it is heard.
    await heard?.ready;
    if (response.destroyed) return;
    const answered = transport.handleRequest(asked(exchange), { parsedBody: params });
    const answer = await Promise.race([answered, left.promise]);
    if (!answer) return;
    if (message.method === "initialize" && answer.ok)
      response.setHeader("Mcp-Session-Id", newSession(capabilitiesOf(message)));
    await pass(answer, response);
  } finally {
    UNDER_WAY.delete(end);
    heard?.stop();
    close();
  }
}

const shuttingDown = () =>
  new AppError("shutting_down", "The server is shutting down. Ask again when it is back.", {
    retryAfterMs: 5_000,
  });

function capabilitiesOf({ params }: JSONRPCRequest): { elicitation?: object } {
  const { elicitation } = Object(params?.capabilities) as { elicitation?: unknown };
  return typeof elicitation === "object" && elicitation !== null ? { elicitation } : {};
}

/** The SDK numbers its requests to the client from 0 in each server; its client has many at once. */
function withOuterIds(transport: WebStandardStreamableHTTPServerTransport, key: string): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => send(outer(message, key), options);
  return transport as Transport;
}

function outer(message: JSONRPCMessage, key: string): JSONRPCMessage {
  if (isRequest(message)) return { ...message, id: outerId(key, message.id) };
  if (!("method" in message) || message.method !== "notifications/cancelled") return message;
  const { requestId, ...params } = message.params as { requestId: number };
  return { ...message, params: { ...params, requestId: outerId(key, requestId) } };
}

const LOOKED_AT = ["accept", "content-type", "mcp-protocol-version"];

/** The head of the request, as the SDK wants it; the body was read before. */
function asked({ request }: Exchange): Request {
  const headers = new Headers();
  for (const name of LOOKED_AT) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return new Request("http://gateway/mcp", { method: "POST", headers });
}

const PASSED = ["content-type", "x-accel-buffering"];

async function pass(answer: Response, response: ServerResponse): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  const headers = PASSED.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
  response.writeHead(answer.status, {
    ...Object.fromEntries(headers),
    "Cache-Control": isStream ? "no-cache, no-transform" : "no-store",
  });
  if (!answer.body) {
    response.end();
    return;
  }
  response.socket?.setNoDelay(true);
  response.flushHeaders();
  // Its client has left: whoever works for it is told by the close.
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => undefined);
}
