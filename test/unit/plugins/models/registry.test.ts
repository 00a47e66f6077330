import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openModels } from "../../../../plugins/models/registry.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { ask } from "./ask-provider.ts";

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());

const key = { apiKey: "k" };

describe("which model a chat gets that names none", () => {
  test.each([
    ["nothing set up: the demo", {}, "demo/demo"],
    ["OpenAI first", { openai: key, anthropic: key, gemini: key }, "openai/gpt-4o-mini"],
    ["then Anthropic", { anthropic: key, gemini: key }, "anthropic/claude-haiku-4-5"],
    ["then Gemini", { gemini: key }, "gemini/gemini-3.8-flash"],
    [
      "DEFAULT_MODEL wins",
      { openai: key, default: "anthropic/claude-opus-5-5" },
      "anthropic/claude-opus-5-5",
    ],
    [
      "the first of MODELS that can be used",
      { anthropic: key, models: ["openai/x", "anthropic/y", "anthropic/z"] },
      "anthropic/y",
    ],
    ["none of MODELS can be used: the demo", { models: ["openai/x"] }, "demo/demo"],
  ])("%s", (_name, settings, expected) => {
    expect(openModels(settings).default).toBe(expected);
  });
});

describe("which models there are", () => {
  test("each is listed with its price and window, and why it cannot be used", async () => {
    const list = await openModels({ openai: key }).list();
    const byId = new Map(list.map((info) => [info.id, info]));
    expect(byId.get("openai/gpt-4o-mini")).toEqual({
      id: "openai/gpt-4o-mini",
      provider: "openai",
      available: true,
      context_window: 128_000,
      price: { input_per_million: 0.15, output_per_million: 0.6 },
    });
    expect(byId.get("anthropic/claude-haiku-4-5")).toMatchObject({
      available: false,
      reason: "set ANTHROPIC_API_KEY",
    });
    expect(byId.get("gemini/gemini-3.8-flash")).toMatchObject({
      available: false,
      reason: "set GEMINI_API_KEY",
    });
    expect(list.at(-1)).toMatchObject({ id: "demo/demo", available: true });
  });

  test("every model offered by default has a price", async () => {
    for (const info of await openModels({ openai: key }).list())
      expect([info.id, info.price]).not.toContain(null);
  });

  test("MODELS is the whole choice, but for the default and the demo", async () => {
    const models = openModels({
      openai: { ...key, baseUrl: `${fake.url}/v1` },
      anthropic: key,
      models: ["openai/fake", "nowhere/x"],
      default: "openai/other",
      fallback: ["anthropic/claude-haiku-4-5"],
    });
    const list = await models.list();
    expect(list.map((info) => info.id)).toEqual(["openai/other", "openai/fake", "nowhere/x", "demo/demo"]);
    expect(list[2]).toMatchObject({
      available: false,
      reason: expect.stringMatching(/no provider "nowhere"/),
    });
    expect(models.find("openai/fake")?.model).toBe("fake");
    expect(models.find("openai/other")).toBeDefined();
    expect(models.find("demo/demo")).toBeDefined();
    expect(models.find("openai/none")).toBeUndefined();
    expect(models.find("anthropic/claude-haiku-4-5")).toBeUndefined();
    expect(models.resolve("anthropic/claude-haiku-4-5")?.info.available).toBe(true);
  });

  test("a model's name may have slashes; what is no provider/model is not found", () => {
    const models = openModels({ openai: { baseUrl: `${fake.url}/v1` }, default: "openai/a" });
    expect(models.find("openai/meta-llama/llama-3")).toMatchObject({
      model: "meta-llama/llama-3",
      info: { provider: "openai", context_window: 32_000, price: null },
    });
    for (const id of ["", "openai", "openai/", "/x", "nowhere/x", "demo/other"])
      expect(models.find(id)).toBeUndefined();
  });

  test("with a base URL any name is accepted, without one only names that are known", () => {
    const own = openModels({ openai: { baseUrl: `${fake.url}/v1` }, default: "openai/a" });
    expect(own.find("openai/anything")?.info.available).toBe(true);
    const proxy = openModels({
      anthropic: { ...key, baseUrl: fake.url },
      gemini: { ...key, baseUrl: fake.url },
    });
    expect(proxy.find("anthropic/my-claude")?.info.available).toBe(true);
    expect(proxy.find("gemini/my-gemini")?.info.available).toBe(true);
    const vendor = openModels({ openai: key });
    expect(vendor.find("openai/anything")).toBeUndefined();
    expect(vendor.find("openai/gpt-4o-2024-08-06")).toBeDefined();
  });

  test("a server with its own address is asked for its models, and the first becomes the default", async () => {
    const models = openModels({ openai: { baseUrl: `${fake.url}/v1` } });
    await waitFor("the default is the server's first", async () => models.default === "openai/fake");
    const ids = (await models.list()).map((info) => info.id);
    expect(ids).toEqual(expect.arrayContaining(["openai/fake", "openai/other", "demo/demo"]));
    expect(ids).not.toContain("openai/gpt-4o-mini");
  });

  test("a server whose address lacks its /v1 tells its models all the same", async () => {
    const server = createServer(({ url }, response) => {
      response.statusCode = url === "/v1/models" ? 200 : 404;
      response.end(JSON.stringify({ data: [{ id: "llama" }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const models = openModels({ openai: { baseUrl: `http://127.0.0.1:${port}` } });
    expect((await models.list()).map(({ id }) => id)).toContain("openai/llama");
    server.closeAllConnections();
    server.close();
  });

  test("a key that was pasted with blanks and a line end works", async () => {
    const models = openModels({
      openai: { apiKey: " sk-canary\n", baseUrl: `${fake.url}/v1` },
      default: "openai/a",
    });
    const found = models.find("openai/a");
    if (found) await ask(found.provider);
    expect(fake.requests.at(-1)?.headers.authorization).toBe("Bearer sk-canary");
  });

  test("a server that tells what its models take is believed", async () => {
    fake.models = [
      { id: "vllm", max_model_len: 8_192 },
      { id: "router", context_length: 262_144 },
      { id: "studio", loaded_context_length: 4_096, max_context_length: 131_072 },
      { id: "silent", max_model_len: "many" },
    ];
    const models = openModels({ openai: { baseUrl: `${fake.url}/v1` } });
    const windows = (await models.list()).slice(0, 4).map((info) => info.context_window);
    expect(windows).toEqual([8_192, 262_144, 4_096, 32_000]);
  });

  test("a server that does not tell leaves the usual names", async () => {
    const gone = await startFakeModel();
    await gone.close();
    const models = openModels({ openai: { baseUrl: `${gone.url}/v1` }, default: "openai/mine" });
    const ids = (await models.list()).map((info) => info.id);
    expect(ids.slice(0, 2)).toEqual(["openai/mine", "openai/gpt-4o-mini"]);
  });
});

describe("servers with names of their own", () => {
  test("are providers: each with its models, its key and its window, beside the others", async () => {
    fake.models = [{ id: "llama", max_model_len: 8_192 }];
    const models = openModels({
      anthropic: key,
      servers: [{ name: "lab", baseUrl: `${fake.url}/v1`, apiKey: "sk-lab" }],
    });
    const ids = (await models.list()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["lab/llama", "anthropic/claude-haiku-4-5"]));
    expect(models.find("lab/llama")?.info).toMatchObject({
      provider: "lab",
      available: true,
      context_window: 8_192,
    });
    const found = models.find("lab/meta/any-other");
    if (found) await ask(found.provider, { model: found.model });
    expect(fake.requests.at(-1)?.body.model).toBe("meta/any-other");
    expect(fake.requests.at(-1)?.headers.authorization).toBe("Bearer sk-lab");
  });

  test("one that is away is told, although nobody knows what its models are", async () => {
    const gone = await startFakeModel();
    await gone.close();
    const models = openModels({ servers: [{ name: "lab", baseUrl: `${gone.url}/v1` }] });
    expect((await models.list()).some(({ provider }) => provider === "lab")).toBe(false);
    expect(await models.serverFaults()).toEqual([
      "the server of lab refuses connections: start it, or set OPENAI_BASE_URL_LAB to where it is",
    ]);
  });

  test("a name that nobody has is told with the variable that would make it one", async () => {
    const models = openModels({ models: ["groq/x"], servers: [{ name: "lab", baseUrl: `${fake.url}/v1` }] });
    expect(await models.serverFaults()).toEqual([]);
    expect((await models.list())[0]?.reason).toMatch(/no provider "groq": use .*lab.*OPENAI_BASE_URL_GROQ/);
  });
});

describe("how the servers of models are", () => {
  const listed = async (status: number, body: unknown, provider = "openai") => {
    const server = createServer((_request, response) => response.writeHead(status).end(JSON.stringify(body)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const models = openModels({ [provider]: { apiKey: "sk-canary", baseUrl }, default: `${provider}/m` });
    const [first] = await models.list();
    server.closeAllConnections();
    server.close();
    // Whoever asks it all the same may find it well again.
    expect(models.find(`${provider}/m`)?.info.available).toBe(true);
    return first;
  };

  test.each([
    [401, "the server of openai refuses the key (HTTP 401): set OPENAI_API_KEY to a key that it accepts"],
    [403, "the server of openai does not let the key in (HTTP 403): check the rights of OPENAI_API_KEY"],
    [404, "the server of openai has no list of models at this address (HTTP 404): check OPENAI_BASE_URL"],
    [429, "the server of openai limits our requests now (HTTP 429): wait"],
    [500, "the server of openai has a fault of its own (HTTP 500): look into its log"],
  ])("HTTP %i is told with its fix", async (status, reason) => {
    expect(await listed(status, {})).toMatchObject({
      available: false,
      reason: expect.stringContaining(reason),
    });
  });

  test("no models, a full list, and Google's and Anthropic's lists", async () => {
    expect((await listed(200, { data: [] }))?.reason).toMatch(/answers, but has no models: load one/);
    expect((await listed(200, { data: [{ id: "m" }] }))?.available).toBe(true);
    expect((await listed(200, { data: [{ id: "models/m" }] }, "gemini"))?.available).toBe(true);
    expect((await listed(401, {}, "anthropic"))?.reason).toMatch(
      /server of anthropic refuses.*ANTHROPIC_API_KEY/,
    );
  });

  test("one that hangs holds nobody up who has no patience, and is told as silent to others", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const models = openModels({ openai: { baseUrl }, default: "openai/m" });
    expect((await models.list(1))[0]).toMatchObject({ available: true });
    expect((await models.list())[0]?.reason).toMatch(
      /takes connections, but does not answer: look into its log/,
    );
    server.closeAllConnections();
    server.close();
  });

  test("is looked at once for many who ask, and known from chats that were answered", async () => {
    let looks = 0;
    const server = createServer((request, response) => {
      if (request.method === "GET") looks += 1;
      if (request.method === "GET") response.writeHead(500).end("{}");
      else
        response.end(JSON.stringify({ choices: [{ message: { content: "fine" }, finish_reason: "stop" }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const models = openModels({ openai: { baseUrl }, default: "openai/m" });
    await Promise.all([models.list(), models.list(), models.list()]);
    expect((await models.list())[0]?.available).toBe(false);
    expect(looks).toBe(1);
    const found = models.find("openai/m");
    if (found) await ask(found.provider);
    expect((await models.list())[0]).toMatchObject({ available: true });
    expect(looks).toBe(1);
    server.closeAllConnections();
    server.close();
  });

  test("vendors' own servers are looked at by a running server only", () => {
    expect(openModels({ openai: key }).resolve("openai/gpt-4o")?.isLocal).toBe(false);
    expect(openModels({ openai: { baseUrl: `${fake.url}/v1` } }).resolve("openai/m")?.isLocal).toBe(true);
    const remote = openModels({ openai: { baseUrl: "https://models.example.com/v1" }, default: "openai/m" });
    expect(remote.resolve("openai/m")?.isLocal).toBe(false);
    for (const host of ["10.1.2.3", "192.168.0.9", "mac-studio.local", "gpu-box"])
      expect(
        openModels({ openai: { baseUrl: `http://${host}/v1` }, default: "a/b" }).resolve("openai/m")?.isLocal,
      ).toBe(true);
  });
});
