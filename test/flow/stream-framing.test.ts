import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("the bytes of a stream on its connection", () => {
  test("a stream ends where it ends, so that its connection serves the next requests", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: Array.from({ length: 50 }, (_, index) => `piece ${index} ä\n`), delayMs: 1 }]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (method: string, path: string, body?: object) => readOver(agent, user, method, path, body);
    const live = await ask("POST", "/agent/chat", { message: "talk" });
    expect(live.headers["transfer-encoding"]).toBe("chunked");
    expect(live.text.match(/^event: done$/gm)).toHaveLength(1);
    const run = /"run_id":"(run_\w+)"/.exec(live.text)?.[1];
    const replayed = await ask("GET", `/agent/runs/${run}/events`);
    expect(replayed.text).toBe(live.text);
    const plain = await ask("GET", `/agent/runs/${run}`);
    expect(JSON.parse(plain.text)).toMatchObject({ run: { id: run, status: "completed" } });
    expect(new Set([live.port, replayed.port, plain.port]).size).toBe(1);
    agent.destroy();
  });

  test("a client of HTTP/1.0 gets the events without chunks, to the end of the connection", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: ["old ", "times"] }]);
    const events = await user.chat({ message: "hello" });
    const { hostname, port } = new URL(user.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /api/v1/agent/runs/${events[0]?.data.run_id}/events HTTP/1.0\r\n` +
        `Host: ${hostname}:${port}\r\nAuthorization: Bearer ${user.token}\r\n\r\n`,
    );
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    const [head, body] = Buffer.concat(pieces).toString().split("\r\n\r\n");
    expect(head).not.toMatch(/transfer-encoding/i);
    expect(body).toMatch(/^id: 1\nevent: run\n/);
    expect(body?.trimEnd().split("\n\n").at(-1)).toMatch(/^id: \d+\nevent: done\ndata: \{.*\}$/);
  });
});

/** One request over the agent's only connection, read to its end, with the client's port. */
async function readOver(agent: Agent, user: Client, method: string, path: string, body?: object) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json" };
    const sent = request(`${user.url}/api/v1${path}`, { method, headers, agent }, resolve);
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
  const port = response.socket.localPort;
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return { port, headers: response.headers, text: Buffer.concat(pieces).toString() };
}
