// Natsagent's door: JWT, HTTP, and events of the core copied to the stream. One inbox for all requests.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "nats";
import { announce } from "../measure/announce.ts";
import { verifyToken } from "../minagent/jwt.ts";

const [url = "", secret = ""] = process.argv.slice(2);
const nats = await connect({ servers: url, noEcho: true });
const inbox = `events.${crypto.randomUUID()}`;
const waiting = new Map<string, ServerResponse>();
let requests = 0;

/** The subject ends with the request's number; an empty message is the end. */
nats.subscribe(`${inbox}.*`, {
  callback(error, message) {
    const number = message.subject.slice(inbox.length + 1);
    const response = waiting.get(number);
    if (error || !response) return;
    if (!response.headersSent) begin(response, message.headers?.get("type") ?? "");
    if (message.data.length > 0) response.write(message.data);
    if (message.headers?.has("end")) {
      response.end();
      waiting.delete(number);
    }
  },
});

function begin(response: ServerResponse, type: string): void {
  response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache, no-transform" });
}

const server = createServer({ noDelay: true, keepAliveTimeout: 600_000 }, (request, response) => {
  handle(request, response).catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  });
});
announce(server);

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const user = verifyToken(secret, request.headers.authorization);
  if (!user) {
    response.writeHead(401).end();
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  requests += 1;
  waiting.set(String(requests), response);
  const body = JSON.parse(Buffer.concat(pieces).toString()) as object;
  const isStream = request.url === "/api/v1/agent/chat";
  nats.publish("core.chat", JSON.stringify({ ...body, user, isStream }), { reply: `${inbox}.${requests}` });
}
