// The model server of the benchmarks: OpenAI's chat completions, answered by the script in the message (measure/script.ts).
// Hundreds of paced streams share one timer. Started by run.ts.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { announce } from "./measure/announce.ts";
import { microseconds } from "./measure/clock.ts";
import { readScript, type Script, writeToken } from "./measure/script.ts";

const HEAD = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[{"index":0,"delta":`;
const TAIL = `,"finish_reason":null}]}\n\n`;
const TOKEN_HEAD = `${HEAD}{"content":"`;
const TOKEN_TAIL = `"}${TAIL}`;
const TICK_MS = 1;

/** An answer under way; `dueAt` is in `performance.now()` milliseconds. */
type Paced = { response: ServerResponse; script: Script; arrivedAt: number; next: number; dueAt: number };

const paced = new Set<Paced>();
let timer: NodeJS.Timeout | undefined;

const server = createServer({ noDelay: true, keepAliveTimeout: 600_000 }, (request, response) => {
  readBody(request)
    .then((body) => answer(body, response))
    .catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(400);
      response.end(String(error));
    });
});
announce(server);

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("latin1");
}

function answer(body: string, response: ServerResponse): void {
  const arrivedAt = microseconds();
  const script = readScript(body);
  if (!body.includes('"stream":true')) answerWhole(script, response, arrivedAt);
  else if (script.tool) startStream(response).end(toolCall(script.tool));
  else if (script.rate === 0 && script.thinkMs === 0) sendAll(script, startStream(response), arrivedAt);
  else pace(script, startStream(response), arrivedAt);
}

function startStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "Content-Type": "text/event-stream" });
}

function pace(script: Script, response: ServerResponse, arrivedAt: number): void {
  response.flushHeaders();
  const stream = { response, script, arrivedAt, next: 0, dueAt: performance.now() + script.thinkMs };
  response.on("close", () => paced.delete(stream));
  paced.add(stream);
  sendDue();
  timer ??= setInterval(sendDue, TICK_MS);
}

/** Everything that is due now; a stream that fell behind gets its tokens in one write. */
function sendDue(): void {
  const now = performance.now();
  for (const stream of paced) if (stream.dueAt <= now) sendNext(stream, now);
  if (paced.size > 0 || !timer) return;
  clearInterval(timer);
  timer = undefined;
}

function sendNext(stream: Paced, now: number): void {
  const { script, response } = stream;
  if (script.rate === 0) {
    paced.delete(stream);
    sendAll(script, response, stream.arrivedAt);
    return;
  }
  const sentAt = microseconds();
  let text = "";
  while (stream.dueAt <= now && stream.next < script.tokens) {
    text += frame(stream.next, sentAt, stream.arrivedAt);
    stream.next += 1;
    stream.dueAt += 1_000 / script.rate;
  }
  if (stream.next < script.tokens) {
    response.write(text, "latin1");
    return;
  }
  paced.delete(stream);
  response.end(text + ending("stop", script.tokens), "latin1");
}

function sendAll(script: Script, response: ServerResponse, arrivedAt: number): void {
  const sentAt = microseconds();
  let text = "";
  for (let number = 0; number < script.tokens; number++) text += frame(number, sentAt, arrivedAt);
  response.end(text + ending("stop", script.tokens), "latin1");
}

function frame(number: number, sentAt: number, arrivedAt: number): string {
  return TOKEN_HEAD + writeToken(number, sentAt, arrivedAt) + TOKEN_TAIL;
}

function ending(reason: "stop" | "tool_calls", tokens: number): string {
  const last = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}]}\n\n`;
  const usage = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[],"usage":${usageOf(tokens)}}\n\n`;
  return `${last}${usage}data: [DONE]\n\n`;
}

function toolCall(name: string): string {
  const call = { index: 0, id: "call_bench", type: "function", function: { name, arguments: "{}" } };
  return `${HEAD}${JSON.stringify({ role: "assistant", tool_calls: [call] })}${TAIL}${ending("tool_calls", 1)}`;
}

/** The answer to a request that does not stream, in one JSON object. */
function answerWhole(script: Script, response: ServerResponse, arrivedAt: number): void {
  const sentAt = microseconds();
  let content = "";
  for (let number = 0; number < script.tokens; number++) content += writeToken(number, sentAt, arrivedAt);
  response.setHeader("Content-Type", "application/json");
  response.end(
    `{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"${content}"},"finish_reason":"stop"}],"usage":${usageOf(script.tokens)}}`,
  );
}

function usageOf(tokens: number): string {
  return `{"prompt_tokens":10,"completion_tokens":${tokens},"total_tokens":${tokens + 10}}`;
}
