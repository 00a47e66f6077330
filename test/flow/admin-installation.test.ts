// What an admin sees of the whole installation over HTTP: what was used, how models are, which machines and processes there are.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ModelsHealth } from "../../contracts/answers/models.ts";
import type { CoreProcess } from "../../contracts/nodes.ts";
import type { InstallationUsage, UsageReport } from "../../contracts/quota.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let admin: Client;
beforeAll(async () => {
  stack = await startStack({ FALLBACK_MODELS: "openai/spare" });
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

const usage = async (query = "") => (await admin.call<InstallationUsage>("GET", `/admin/usage${query}`)).body;
const models = async () => (await admin.call<ModelsHealth>("GET", "/admin/models")).body;

describe("GET /admin/usage", () => {
  test("has what the users' own reports have, those who used most first, and goes on when one of them goes", async () => {
    const [ada, bob] = [await register(stack.server.url), await register(stack.server.url)];
    for (const message of ["one", "two", "three"]) await ada.chat({ message });
    await bob.chat({ message: "one" });
    await waitFor("all runs are settled", async () => (await usage()).under_way === 0);
    const reports = await Promise.all(
      [ada, bob].map(async (user) => (await user.call<UsageReport>("GET", "/users/me/usage")).body.today),
    );
    const all = await usage("?days=1");
    expect(
      all.users.map(({ id, email, requests, input_tokens }) => ({ id, email, requests, input_tokens })),
    ).toEqual(
      [ada, bob].map(({ id, email }, index) => ({
        ...{ id, email, requests: reports[index]?.requests, input_tokens: reports[index]?.input_tokens },
      })),
    );
    const requests = reports.reduce((sum, report) => sum + report.requests, 0);
    expect(all.total).toMatchObject({ requests, users: 2 });
    expect(all.daily).toMatchObject([{ date: all.until, requests }]);
    expect(all.models).toMatchObject([{ model: "openai/fake", requests }]);
    expect((await usage("?limit=1")).users.map(({ id }) => id)).toEqual([ada.id]);
    await admin.call("DELETE", `/admin/users/${ada.id}`);
    await waitFor("the account is gone", async () => (await usage()).total.users === 1);
    expect((await usage()).users.map(({ id }) => id)).toEqual([bob.id]);
  });

  test.each(["days=0", "days=91", "limit=0", "limit=101", "of=everybody"])("takes no %s", async (query) => {
    expect((await admin.call("GET", `/admin/usage?${query}`)).status).toBe(422);
  });
});

describe("GET /admin/models", () => {
  test("every process with an agent says how its models are, by what it was answered, and no key or word of a vendor", async () => {
    const user = await register(stack.server.url);
    const broken = { type: "status" as const, status: 503, body: { error: "words-of-the-vendor" } };
    stack.fake.script(({ body }) => (body.model === "other" ? { fault: broken } : undefined));
    await user.chat({ message: "hello", model: "openai/other" });
    stack.fake.script(() => undefined);
    const seen = await models();
    expect(seen).toMatchObject({ default: "openai/fake", fallback: ["openai/spare"] });
    expect(seen.models.map(({ id, choosable }) => [id, choosable])).toEqual([
      ["openai/fake", true],
      ["openai/other", true],
      ["demo/demo", true],
      ["openai/spare", false],
    ]);
    expect(seen.providers.find(({ name }) => name === "anthropic")).toMatchObject({ available: false });
    for (const one of seen.processes) {
      expect(one).toMatchObject({ answered: true, checked_at: expect.any(String) });
      expect(one.servers).toMatchObject([
        { provider: "openai", answers: true, checked_at: expect.any(String) },
      ]);
    }
    const asked = seen.processes.flatMap((one) => one.models);
    expect(asked.find(({ model }) => model === "openai/other")).toMatchObject({
      ...{ state: "open", rests_because: "failures", rests_until: expect.any(String) },
      ...{
        last_failure: "model_unavailable",
        last_success_at: null,
        asked: 3,
        failed: 3,
        first_word_ms: null,
      },
    });
    expect(asked.find(({ model }) => model === "openai/spare")).toMatchObject({
      ...{ state: "closed", last_failure: null, asked: 1, failed: 0, first_word_ms: expect.any(Number) },
    });
    expect(JSON.stringify(seen)).not.toMatch(/sk-test-canary|words-of-the-vendor|http:/);
  });
});

test("GET /admin/processes has every process with its services, its version and since when it runs", async () => {
  const { processes } = (await admin.call<{ processes: CoreProcess[] }>("GET", "/admin/processes")).body;
  expect(processes.filter(({ answers }) => answers)).toMatchObject([{ available: true }]);
  expect(new Set(processes.flatMap(({ services }) => services))).toEqual(
    new Set(["agent", "api", "config", "mcp", "node", "nodes", "quota", "sessions", "tools", "users"]),
  );
  for (const { version, started_at, seen_at } of processes) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(Date.parse(started_at ?? "")).toBeLessThanOrEqual(Date.parse(seen_at));
  }
});

test("GET /admin/nodes has no machine of the core, and nobody's Mac is revoked that is none", async () => {
  expect((await admin.call("GET", "/admin/nodes")).body).toEqual({ nodes: [], next_cursor: null });
  const { nodes } = (await admin.call<{ nodes: { id: string }[] }>("GET", "/nodes")).body;
  expect(await admin.call("DELETE", `/admin/nodes/${nodes[0]?.id}`)).toMatchObject({
    ...{ status: 404, body: { code: "node_not_found" } },
  });
});
