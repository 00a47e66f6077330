// Proxies on the way to model servers: which requests go through one, and what is said when it fails.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { ProxySettings } from "../../../../contracts/models.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { lookAt, type ModelServer } from "../../../../plugins/models/servers/look.ts";
import { type SetUp, setUpProviders } from "../../../../plugins/models/set-up-providers.ts";
import { openTransport } from "../../../../plugins/models/transport.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";
import { DONE, delta } from "./openai-frames.ts";

let proxy: Server;
let fake: FakeModel;
let address: string;
const seen: string[] = [];
const headers: IncomingHttpHeaders[] = [];
beforeAll(async () => {
  fake = await startFakeModel();
  proxy = createServer((request, response) => {
    headers.push(request.headers);
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
  headers.splice(0);
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

test.each([
  ["a key", "key-1", { "api-key": "key-1" }],
  ["a token of its directory", "eyJ0.e30.x", { authorization: "Bearer eyJ0.e30.x" }],
])(
  "Azure is told %s in its own way, for chats and for its list of models",
  async (_what, apiKey, expected) => {
    const baseUrl = "http://mine.openai.azure.com/openai/deployments/g?api-version=2024-10-21";
    const { all, transport } = setUpProviders({
      openai: { baseUrl, apiKey },
      proxy: { http: `http://${address}` },
    });
    const [openai] = all;
    await ask((openai as SetUp).provider);
    await lookAt((openai as SetUp).server as ModelServer, transport);
    const place = "http://mine.openai.azure.com/openai/deployments/g";
    expect(seen).toEqual([
      `POST ${place}/chat/completions?api-version=2024-10-21`,
      `GET ${place}/models?api-version=2024-10-21`,
    ]);
    for (const each of headers)
      expect({ "api-key": each["api-key"], authorization: each.authorization }).toEqual({
        "api-key": undefined,
        authorization: undefined,
        ...expected,
      });
  },
);

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
