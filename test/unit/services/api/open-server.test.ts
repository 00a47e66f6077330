import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openServer } from "../../../../services/api/open-server.ts";

let server: Server;
let port: number;
let take: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = await openServer({ host: "127.0.0.1", port: 0 }, (request, response) => take(request, response));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
beforeEach(() => {
  take = (_request, response) => response.end("served");
});

/** All that comes back until the server closes the connection. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return text(socket);
}

function problemIn(answer: string): Record<string, unknown> {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(/^X-Request-ID: [\w-]{36}$/m);
  expect(head).toMatch(/^Content-Type: application\/problem\+json$/m);
  expect(head).toMatch(/^X-Content-Type-Options: nosniff$/m);
  return JSON.parse(body) as Record<string, unknown>;
}

test("a connection that nothing comes on is kept for longer than the minute of a proxy in front", async () => {
  const { headers } = await fetch(`http://127.0.0.1:${port}/`);
  expect(Number(/timeout=(\d+)/.exec(headers.get("keep-alive") ?? "")?.[1])).toBeGreaterThan(60);
  server.closeIdleConnections();
});

describe("what Node refuses before there is a request", () => {
  test.each([
    ["no HTTP at all", "\u0000\u0001garbage\r\n\r\n"],
    ["a TLS client", Buffer.from("1603010200010001fc0303", "hex")],
    ["an unknown method", "FOO / HTTP/1.1\r\nHost: x\r\n\r\n"],
    [
      "two lengths that contradict each other",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    [
      "a length and chunks (request smuggling)",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"],
  ])("%s is 400 with a problem document", async (_name, bytes) => {
    expect(problemIn(await raw(bytes))).toMatchObject({ status: 400, code: "bad_request" });
  });

  test("headers that are too large are 431", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(problemIn(answer)).toMatchObject({ status: 431, code: "headers_too_large" });
  });

  test("CONNECT is 405: this is no proxy", async () => {
    const answer = await raw("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
    expect(problemIn(answer)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });

  test("a request that does not arrive in time is 408: request_incomplete", async () => {
    const connected = once(server, "connection") as Promise<[Socket]>;
    const answer = raw("GET / HTTP/1.1\r\nHost: x\r\n");
    const [socket] = await connected;
    // What Node says of it after its time-out.
    server.emit("clientError", Object.assign(new Error(), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), socket);
    expect(problemIn(await answer)).toMatchObject({ status: 408, code: "request_incomplete" });
  });

  test("in the middle of an answer the connection is cut and nothing of a problem is mixed into it", async () => {
    take = (_request, response) => response.write("half an answer");
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let answer = "";
    socket.on("data", (bytes: Buffer) => {
      answer += bytes.toString();
      if (answer.includes("half an answer")) socket.write("no chunk at all\r\n\r\n");
    });
    await once(socket, "close");
    expect(answer).not.toContain("problem");
  });

  test("what it does not understand of Expect is ignored", async () => {
    const answer = await raw("GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n");
    expect(answer).toContain("served");
  });
});

describe("a place it cannot listen on", () => {
  test("is named in words for a person", async () => {
    await expect(openServer({ host: "127.0.0.1", port }, take)).rejects.toThrow(/in use.*PORT=/);
  });
});
