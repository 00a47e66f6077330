// Stands for a MacJarvis server on another machine: answers the routes of a chat with events a test has written down, and
// keeps what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Asked = { method: string; path: string; headers: IncomingMessage["headers"]; body: unknown };
export type Reply = (asked: Asked, response: ServerResponse) => void | Promise<void>;
type Event = { event: string; data: unknown };

export type RemoteServer = {
  url: string;
  asked: Asked[];
  close(): Promise<void>;
};

/** @param routes `"POST /agent/chat"` → what answers; a path may end with `*`. Unknown routes are 404 problems. */
export async function remoteServer(routes: Record<string, Reply>): Promise<RemoteServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const path = (request.url ?? "").replace("/api/v1", "");
    const one: Asked = {
      method: request.method ?? "",
      path,
      headers: request.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    asked.push(one);
    const reply = find(routes, `${one.method} ${path}`);
    if (reply) await reply(one, response);
    else problem(response, 404, "not_found", "There is nothing here.");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function find(routes: Record<string, Reply>, wanted: string): Reply | undefined {
  for (const [route, reply] of Object.entries(routes))
    if (route === wanted || (route.endsWith("*") && wanted.startsWith(route.slice(0, -1)))) return reply;
  return undefined;
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": "application/problem+json", ...headers })
    .end(JSON.stringify({ status, code, detail }));
}

/** Sends events as SSE with ids from `firstId`; the response stays open. */
export function sendEvents(response: ServerResponse, events: Event[], firstId = 1): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [index, { event, data }] of events.entries())
    response.write(`id: ${firstId + index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

export const RUN: Event = {
  event: "run",
  data: {
    run_id: "run_1",
    session_id: "ses_1",
    message_id: "msg_1",
    model: "demo/demo",
    status: "running",
    created_at: "2026-01-01T00:00:00.000Z",
  },
};

export const content = (text: string, step = 1): Event => ({ event: "content", data: { step, text } });

export const done = (status = "completed", finish_reason = "stop"): Event => ({
  event: "done",
  data: { run_id: "run_1", status, finish_reason, message_id: "msg_2" },
});

export const toolStart = (call_id: string, name: string, args: unknown): Event => ({
  event: "tool_start",
  data: { step: 1, call_id, name, args, node_id: "nod_1" },
});

export const toolResult = (call_id: string, name: string, data: object = {}): Event => ({
  event: "tool_result",
  data: { step: 1, call_id, name, ok: true, status: "done", result: { ok: true }, duration_ms: 12, ...data },
});

export const question = (call_id: string, name: string, args: unknown, risk = "execute"): Event => ({
  event: "approval_required",
  data: { step: 1, call_id, name, args, risk, node_id: "nod_1", expires_at: "2027-01-01T00:00:00.000Z" },
});

export const resolved = (call_id: string, decision = "approve"): Event => ({
  event: "approval_resolved",
  data: { step: 1, call_id, decision, by: "usr_1" },
});
