// Reference "minagent": the least an agent server can do, in one process and in memory: JWT, quota, history, the model's SSE
// parsed, the tool loop, SSE encoded. No durability, no resume, no policy. Started by run.ts: upstream's port, JWT secret.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { announce } from "./measure/announce.ts";
import { askUpstream } from "./minagent/ask-upstream.ts";
import { verifyToken } from "./minagent/jwt.ts";
import { type Message, openSession, reserve, settle } from "./minagent/memory.ts";

const upstreamPort = Number(process.argv[2]);
const secret = process.argv[3] ?? "";
const MAX_STEPS = 25;

type Emit = (event: string, data: object) => void;

const server = createServer({ noDelay: true, keepAliveTimeout: 600_000 }, (request, response) => {
  handle(request, response).catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  });
});
announce(server);

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const user = verifyToken(secret, request.headers.authorization);
  if (!user) return refuse(response, 401, "unauthenticated");
  const body = await readJson(request);
  if (typeof body.message !== "string" || body.message === "")
    return refuse(response, 422, "invalid_request");
  const session = openSession(user, body.session_id);
  if (!session) return refuse(response, 404, "session_not_found");
  if (!reserve(user)) return refuse(response, 429, "quota_exceeded");
  session.messages.push({ role: "user", content: body.message });
  let tokens = 0;
  try {
    const isStream = request.url === "/api/v1/agent/chat";
    tokens = await (isStream ? stream(session, response) : answerOnce(session, response));
  } finally {
    settle(user, tokens);
  }
}

async function stream(
  session: { id: string; messages: Message[] },
  response: ServerResponse,
): Promise<number> {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform" });
  let seq = 0;
  const emit: Emit = (event, data) => {
    seq += 1;
    response.write(`id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  emit("run", { session_id: session.id, status: "running" });
  const tokens = await work(session.messages, emit);
  seq += 1;
  response.end(`id: ${seq}\nevent: done\ndata: {"status":"completed","finish_reason":"stop"}\n\n`);
  return tokens;
}

async function answerOnce(
  session: { id: string; messages: Message[] },
  response: ServerResponse,
): Promise<number> {
  const tokens = await work(session.messages);
  const content = session.messages.at(-1)?.content ?? "";
  response.setHeader("Content-Type", "application/json");
  response.end(
    JSON.stringify({ session_id: session.id, status: "completed", message: { role: "assistant", content } }),
  );
  return tokens;
}

/** The tool loop: ask, run what the model called, ask again. Answers the tokens used. */
async function work(messages: Message[], emit?: Emit): Promise<number> {
  let tokens = 0;
  for (let step = 1; step <= MAX_STEPS; step++) {
    const answer = await askUpstream(
      upstreamPort,
      messages,
      emit && ((text) => emit("content", { step, text })),
    );
    tokens += answer.tokens;
    emit?.("usage", { step, output_tokens: answer.tokens });
    const { text: content, calls } = answer;
    messages.push({ role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    if (calls.length === 0) break;
    const results = await Promise.all(calls.map((call) => runTool(step, call.id, call.function.name, emit)));
    messages.push(...results);
  }
  return tokens;
}

async function runTool(step: number, callId: string, name: string, emit?: Emit): Promise<Message> {
  emit?.("tool_start", { step, call_id: callId, name });
  const ok = name === "bench_wait";
  if (ok) await new Promise((resolve) => setTimeout(resolve, 200));
  emit?.("tool_result", { step, call_id: callId, name, ok });
  return { role: "tool", tool_call_id: callId, content: JSON.stringify({ ok }) };
}

async function readJson(request: IncomingMessage): Promise<{ message?: unknown; session_id?: string }> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString()) as { message?: unknown; session_id?: string };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { "Content-Type": "application/problem+json" })
    .end(JSON.stringify({ status, code }));
}
