// Proxies on the way to model servers: which requests go through one, and what is said when it fails.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { ProxySettings } from "../../../../contracts/models.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { openTransport } from "../../../../plugins/models/transport.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";
import { DONE, delta } from "./openai-frames.ts";

let proxy: Server;
let fake: FakeModel;
let address: string;
const seen: string[] = [];
beforeAll(async () => {
  fake = await startFakeModel();
  proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    response.end(delta({ content: "by proxy" }) + delta({}, "stop") + DONE);
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await fake.close();
  proxy.closeAllConnections();
  proxy.close();
});
beforeEach(() => {
  seen.splice(0);
});

const askBy = (settings: ProxySettings, baseUrl: string) =>
  ask(openaiProvider({ baseUrl, apiKey: "sk-canary", transport: openTransport(settings) }));

test("https goes through the tunnel of HTTPS_PROXY; where it is refused the proxy is named, not the model", async () => {
  const { error } = await askBy({ https: `http://${address}` }, "https://models.example/v1");
  expect(seen[0]).toBe("CONNECT models.example:443");
  expect(error?.message).toMatch(/proxy in HTTPS_PROXY.*NO_PROXY/);
  expect(error?.message).not.toMatch(/UND_ERR|canary/);
});

test("http goes as a request through HTTP_PROXY, with the proxy's own credentials", async () => {
  const said = await askBy({ http: `http://me:secret@${address}` }, "http://models.example/v1");
  expect(said.text).toBe("by proxy");
  expect(seen[0]).toBe(`POST http://models.example/v1/chat/completions Basic ${btoa("me:secret")}`);
});

test.each([
  [
    "NO_PROXY names the host",
    { http: "http://127.0.0.1:9", none: "example.com, models.example" },
    "http://models.example/v1",
  ],
  [
    "NO_PROXY names its domain",
    { https: "http://127.0.0.1:9", none: ".example" },
    "https://models.example/v1",
  ],
])("%s: no proxy is asked", async (_what, settings, baseUrl) => {
  const { error } = await askBy(settings, baseUrl);
  expect(error?.type).toBe("model_unavailable");
  expect(seen).toEqual([]);
});

test("a server on this machine that speaks plain http is reached without a proxy", async () => {
  const said = await askBy({ http: `http://${address}`, https: `http://${address}` }, `${fake.url}/v1`);
  expect(said.text).toBe("echo: hello");
  expect(seen).toEqual([]);
});

test("without settings nothing of the environment is used", async () => {
  process.env.HTTPS_PROXY = `http://${address}`;
  try {
    await ask(openaiProvider({ baseUrl: "https://models.invalid/v1" }));
    expect(seen).toEqual([]);
  } finally {
    delete process.env.HTTPS_PROXY;
  }
});
