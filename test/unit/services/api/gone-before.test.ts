// A client that has left before its body was read: nobody tells of it any more, and it must not be waited for.
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { piecesOf } from "../../../../services/api/files/body.ts";
import { receiveForm } from "../../../../services/api/files/form.ts";
import { readBody } from "../../../../services/api/read-body.ts";

const server = createServer();
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const BODY = "--xx\r\n";

/** @param length of the body, of which BODY is sent */
async function gone(length: number): Promise<[IncomingMessage, ServerResponse]> {
  const headers = { "Content-Type": "multipart/form-data; boundary=xx", "Content-Length": String(length) };
  const sent = request({ port: (server.address() as AddressInfo).port, method: "POST", headers });
  sent.once("error", () => undefined);
  sent.write(BODY);
  const [received, response] = (await once(server, "request")) as [IncomingMessage, ServerResponse];
  received.once("error", () => undefined);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  received.once("close", resolve);
  sent.destroy();
  await closed;
  return [received, response];
}

describe.each([
  ["in the middle of its body", 100_000],
  ["behind its body", BODY.length],
])("a client that has left %s", (_when, length) => {
  test("has broken off its form", async () => {
    const [received] = await gone(length);
    const stored = receiveForm(received, 1_000, async () => undefined);
    await expect(stored).rejects.toMatchObject({ type: "bad_request" });
  });

  test("has broken off its file", async () => {
    const [received] = await gone(length);
    await expect(Array.fromAsync(piecesOf(received))).rejects.toMatchObject({ type: "bad_request" });
  });

  test("has broken off its JSON", async () => {
    const [received, response] = await gone(length);
    const read = readBody(received, response, async () => undefined);
    await expect(read).rejects.toMatchObject({ type: "invalid_json" });
  });
});
