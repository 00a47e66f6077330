// Several model servers, by name; and that the running server knows how they are, without being held up by them.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { examine } from "../../bin/doctor/examine.ts";
import type { ModelInfo } from "../../contracts/agent.ts";
import { Client, register, textOf } from "../support/client.ts";
import { type FakeModel, startFakeModel } from "../support/fake-model-server.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let [fake, other]: FakeModel[] = [];
let silent: Server;
let server: TestServer;
beforeAll(async () => {
  [fake, other] = [await startFakeModel(), await startFakeModel()];
  silent = createServer((_request, _response) => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  server = await startServer({
    OPENAI_BASE_URL: `"${fake.url}/v1"`,
    OPENAI_API_KEY: "sk-one-canary\r",
    OPENAI_BASE_URL_LAB: `${other.url}/v1`,
    OPENAI_API_KEY_LAB: '"sk-two-canary"',
    OPENAI_BASE_URL_SLEEPY: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`,
    // Nobody listens there, and nobody is given it: a port that was just closed may be somebody else's by now.
    OPENAI_BASE_URL_GONE: "http://127.0.0.1:2/v1",
    MODELS: "openai/fake,lab/org/model,sleepy/x,gone/x",
    FALLBACK_MODELS: "lab/other",
  });
});
afterAll(async () => {
  await server.remove();
  await fake?.close();
  await other?.close();
  silent.closeAllConnections();
  silent.close();
});

test("provider/model of each of them is chosen like any, with its own key", async () => {
  const user = await register(server.url);
  const events = await user.chat({ message: "hello", model: "lab/org/model", tools: [] });
  expect(textOf(events)).toBe("echo: hello");
  expect(events.find(({ event }) => event === "usage")?.data.model).toBe("lab/org/model");
  expect(other?.requests.at(-1)?.body.model).toBe("org/model");
  expect(other?.requests.at(-1)?.headers.authorization).toBe("Bearer sk-two-canary");
  await user.chat({ message: "hello", tools: [] });
  expect(fake?.requests.at(-1)?.headers.authorization).toBe("Bearer sk-one-canary");
});

test("one of them stands in for another", async () => {
  const user = await register(server.url);
  fake?.script(() => ({
    fault: { type: "status", status: 400, body: { error: { message: "credit balance is too low" } } },
  }));
  const events = await user.chat({ message: "hello", tools: [] });
  expect(events.find(({ event }) => event === "usage")?.data.model).toBe("lab/other");
  fake?.script();
});

test("how each is, is told in the same words in the list of models, by doctor and in the banner", async () => {
  const admin = new Client(server.url, await server.ownerKey());
  const { body } = await admin.call<{ models: ModelInfo[] }>("GET", "/agent/models");
  const reasons = new Map(
    body.models.map(({ id, available, reason }) => [id, available ? "available" : reason]),
  );
  expect(reasons.get("openai/fake")).toBe("available");
  expect(reasons.get("lab/org/model")).toBe("available");
  const away = "the server of gone refuses connections: start it, or set OPENAI_BASE_URL_GONE to where it is";
  expect(reasons.get("gone/x")).toBe(away);
  expect(reasons.get("sleepy/x")).toMatch(
    /^the server of sleepy takes connections, but does not answer: look into/,
  );
  const env = { MACJARVIS_URL: server.url, MACJARVIS_HOME: server.home, SANDBOX: "off" };
  const found = (await examine(env)).filter(({ check }) => check === "models");
  expect(found.map(({ state, message, fix }) => [state, fix ? `${message}: ${fix}` : message])).toEqual(
    expect.arrayContaining([
      ["warning", away],
      ["ok", "openai/fake is the default, 2 can be used"],
    ]),
  );
  expect(server.output()).toContain(`T${away.slice(1)}.`);
  expect(server.output()).toMatch(/Model.*openai\/fake/);
  await waitFor("the log says it of the one that hangs", async () =>
    server.output().includes("the server of sleepy takes connections, but does not answer"),
  );
  expect(JSON.stringify(found) + server.output()).not.toMatch(/canary|ECONN|UND_ERR/);
});

test("a model whose server is away may be chosen all the same: it may be back, and another stands in for it", async () => {
  const user = await register(server.url);
  const chosen = { message: "x", model: "gone/x", tools: [] };
  const { status, body } = await user.call<{ status: string }>("POST", "/agent/chat/sync", chosen);
  expect([status, body.status]).toEqual([200, "completed"]);
});
