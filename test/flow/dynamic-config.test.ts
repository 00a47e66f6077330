// An admin changes settings while the server runs: over HTTP, each is seen to hold without a restart, and after one.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ConfigView } from "../../contracts/config.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let admin: Client;
beforeAll(async () => {
  stack = await startStack({ MAX_STEPS: "20" });
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterEach(async () => {
  stack.fake.script();
  await set({});
});
afterAll(() => stack.stop());

const get = () => admin.call<ConfigView>("GET", "/admin/config");
const put = (overrides: unknown, headers?: Record<string, string>) =>
  admin.call<ConfigView & { code?: string; errors?: { path: string }[] }>(
    "PUT",
    "/admin/config",
    overrides,
    headers,
  );
async function set(overrides: object): Promise<ConfigView> {
  const { status, body } = await put(overrides);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body;
}
const revert = (body: object = {}, headers?: Record<string, string>) =>
  admin.call<ConfigView & { code?: string }>("POST", "/admin/config/revert", body, headers);
const chat = (user: Client, body: object = {}) =>
  user.call<{ run_id: string; status: string; code?: string; usage: { cost_usd: number } }>(
    "POST",
    "/agent/chat/sync",
    { message: "hello", ...body },
  );

async function restart(): Promise<void> {
  await stack.restart();
  admin.url = stack.server.url;
}

describe("the configuration", () => {
  test("shows what holds, what would hold otherwise, and where each comes from", async () => {
    await set({ run_deadline_s: 50, policy: { write: "deny" } });
    const { status, body, headers } = await get();
    expect([status, headers.get("etag")]).toEqual([200, `"${body.revision}"`]);
    expect(body).toMatchObject({
      overrides: { run_deadline_s: 50, policy: { write: "deny" } },
      settings: {
        run_deadline_s: { value: 50, default: 600, source: "config", variable: "RUN_DEADLINE_S" },
        max_steps: { value: 20, default: 20, source: "environment", variable: "MAX_STEPS" },
        approval_timeout_s: { value: 86_400, source: "default" },
        policy: { value: { read: "allow", write: "deny", execute: "ask" }, variable: null },
      },
      problems: [],
    });
    const me = await admin.call<{ user: { id: string } }>("GET", "/users/me");
    expect(body.changed_by).toBe(me.body.user.id);
  });

  test("holds for the next run without a restart, survives one, and ends with being left out", async () => {
    const user = await register(stack.server.url);
    // A model that wants a tool for ever ends with the steps it may have.
    const ask = async () => {
      stack.fake.script(() => ({ toolCalls: [{ name: "system_info", arguments: "{}" }] }) as never);
      const { body } = await chat(user);
      const run = await user.call<{ run: { steps: unknown[]; finish_reason: string } }>(
        "GET",
        `/agent/runs/${body.run_id}`,
      );
      return run.body.run.steps.length;
    };
    await set({ max_steps: 2 });
    const limited = await ask();
    await set({ max_steps: 4 });
    expect(await ask()).toBe(limited + 2);
    await restart();
    user.url = stack.server.url;
    expect(await ask()).toBe(limited + 2);
    expect((await get()).body.overrides).toEqual({ max_steps: 4 });
    await set({});
    expect(await ask()).toBe(limited + 18);
  });

  test("limits of a plan hold for the next run, and for what the plan shows", async () => {
    const user = await register(stack.server.url);
    expect((await chat(user)).status).toBe(200);
    await set({ plan_limits: { free: { runs_per_day: 1 } } });
    const refused = await chat(user);
    expect([refused.status, refused.body.code]).toEqual([429, "quota_exceeded"]);
    type Plans = { plans: { name: string; limits: { runs_per_day: number } }[] };
    const plans = await user.call<Plans>("GET", "/plans");
    expect(plans.body.plans.find(({ name }) => name === "free")?.limits.runs_per_day).toBe(1);
    await set({});
    expect((await chat(user)).status).toBe(200);
    const unknown = await put({ plan_limits: { gold: {} } });
    expect([unknown.status, unknown.body.code]).toEqual([422, "plan_not_found"]);
  });

  test("registration closes and opens", async () => {
    await set({ registration: "closed" });
    const nobody = new Client(stack.server.url);
    const person = { email: "late@example.com", password: "a long enough pass phrase" };
    const refused = await nobody.call<{ code: string }>("POST", "/users/register", person);
    expect([refused.status, refused.body.code]).toEqual([403, "registration_closed"]);
    await set({});
    expect((await nobody.call("POST", "/users/register", person)).status).toBe(201);
  });

  test("models, the usual one, and prices", async () => {
    const user = await register(stack.server.url);
    const price = { input_per_million: 1_000_000, output_per_million: 0 };
    await set({ models: ["openai/third"], default_model: "openai/third", prices: { "openai/third": price } });
    type Models = { models: { id: string; price: object | null }[]; default: string };
    const { body } = await user.call<Models>("GET", "/agent/models");
    expect(body.default).toBe("openai/third");
    expect(body.models.find(({ id }) => id === "openai/third")?.price).toEqual(price);
    expect((await chat(user, { model: "openai/other" })).body.code).toBe("model_not_found");
    await set({ prices: { "openai/fake": { input_per_million: 1, output_per_million: 1 } } });
    expect((await chat(user)).body.usage.cost_usd).toBeGreaterThan(0);
    await set({});
    expect((await chat(user)).body.usage.cost_usd).toBe(0);
  });

  test("the policy of what no rule decides, and whose the machine's tools are", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "note.txt");
    const write = () =>
      user.call<{ code?: string }>("POST", "/tools/write_file/execute", { args: { path, content: "x" } });
    expect((await write()).body.code).toBe("approval_required");
    await set({ policy: { write: "deny" } });
    expect((await write()).body.code).toBe("tool_denied");
    await set({ policy: { write: "allow" } });
    expect((await write()).status).toBe(200);
    await set({ host_tools: "owner" });
    expect((await write()).body.code).toBe("tool_not_found");
  });

  test("requests without a credential are counted by the limit of now", async () => {
    await set({ anonymous_per_minute: 1 });
    const nobody = new Client(stack.server.url);
    // A minute of the clock may end between two of them.
    await waitFor("one is refused", async () => (await nobody.call("GET", "/plans")).status === 429);
    await set({});
    expect((await nobody.call("GET", "/plans")).status).toBe(200);
  });

  test("former values come back, those before or any that are kept", async () => {
    const first = await set({ max_steps: 3 });
    await set({ max_steps: 4 });
    await set({ max_steps: 5 });
    const back = await revert();
    expect([back.status, back.body.overrides]).toEqual([200, { max_steps: 4 }]);
    expect((await revert({ to: first.revision })).body.overrides).toEqual({ max_steps: 3 });
    const { body } = await admin.call<{ changes: ConfigView[] }>("GET", "/admin/config/history");
    expect(body.changes.slice(0, 5).map(({ overrides }) => overrides.max_steps)).toEqual([3, 4, 5, 4, 3]);
    expect(await revert({ to: 999_999 })).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect((await revert({ to: 0 })).body.overrides).toEqual({});
  });

  test("If-Match names the revision that may be replaced; of two who read the same one, one changes it", async () => {
    const etag = (await get()).headers.get("etag") ?? "";
    const both = await Promise.all([
      put({ max_steps: 6 }, { "If-Match": etag }),
      put({ max_steps: 7 }, { "If-Match": etag }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const late = await put({ max_steps: 8 }, { "If-Match": etag });
    expect([late.status, late.body.code]).toEqual([412, "precondition_failed"]);
    const won = both.find(({ status }) => status === 200);
    expect((await get()).body.overrides).toEqual(won?.body.overrides);
    for (const odd of ["7", 'W/"1"', '"x"', '"1", "2"'])
      expect((await put({}, { "If-Match": odd })).status).toBe(412);
    expect((await revert({}, { "If-Match": etag })).status).toBe(412);
    expect((await put({}, { "If-Match": "*" })).status).toBe(200);
  });

  test("many who change at once without a revision all succeed, and the last one holds", async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map((max_steps) => put({ max_steps })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const last = answers.toSorted((a, b) => b.body.revision - a.body.revision)[0];
    expect((await get()).body).toMatchObject({
      revision: last?.body.revision,
      overrides: last?.body.overrides,
    });
  });

  test("what does not fit is refused with its paths, and changes nothing", async () => {
    const before = (await get()).body.revision;
    for (const [given, paths] of [
      [{ max_steps: 1_000, models: ["x"] }, ["max_steps", "models.0"]],
      [{ max_steps: 9, nonsense: 1, OPENAI_API_KEY: "sk-1" }, ["OPENAI_API_KEY", "nonsense"]],
    ] as const) {
      const bad = await put(given);
      expect([bad.status, bad.body.code]).toEqual([422, "invalid_request"]);
      expect(bad.body.errors?.map(({ path }) => path).toSorted()).toEqual(paths);
    }
    for (const [body, status] of [
      ["[]", 422],
      ["{", 400],
      ['{"__proto__": {}}', 422],
      ["null", 422],
    ] as const)
      expect([body, (await put(body)).status]).toEqual([body, status]);
    expect((await get()).body.revision).toBe(before);
  });

  test("is nothing for users, for keys without the scope, and for strangers", async () => {
    const user = await register(stack.server.url);
    const { body } = await admin.call<{ secret: string }>("POST", "/users/me/keys", {
      name: "reads",
      scopes: ["chat", "account"],
    });
    const routes = [
      ["GET", "/admin/config", undefined],
      ["PUT", "/admin/config", {}],
      ["GET", "/admin/config/history", undefined],
      ["POST", "/admin/config/revert", {}],
    ] as const;
    for (const [method, path, given] of routes) {
      expect((await user.call(method, path, given)).status).toBe(403);
      expect((await new Client(stack.server.url, body.secret).call(method, path, given)).status).toBe(403);
      expect((await new Client(stack.server.url).call(method, path, given)).status).toBe(401);
    }
  });

  test("is changed by an admin's key with the scope, but for what would give the key rights that it has not", async () => {
    const { body } = await admin.call<{ secret: string }>("POST", "/users/me/keys", {
      name: "changes limits",
      scopes: ["admin", "chat"],
    });
    const key = new Client(stack.server.url, body.secret);
    expect((await key.call("PUT", "/admin/config", { max_steps: 5 })).status).toBe(200);
    for (const overrides of [{ policy: { execute: "allow" } }, { host_tools: "owner" }])
      expect(await key.call("PUT", "/admin/config", overrides)).toMatchObject({
        status: 403,
        body: { code: "scope_missing" },
      });
    // Nor by going back to what somebody with all rights has left.
    const open = await set({ policy: { execute: "allow" } });
    await set({});
    for (const given of [{}, { to: open.revision }])
      expect((await key.call("POST", "/admin/config/revert", given)).status).toBe(403);
  });

  test("a run keeps the deadline it was taken up with, and counts its running time by it", async () => {
    await set({ run_deadline_s: 500 });
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "later.txt");
    stack.fake.hold();
    const asked = stack.fake.waitForRequest(({ body }) => JSON.stringify(body).includes("later.txt"));
    const running = user.chat(
      { message: `call:write_file ${JSON.stringify({ path, content: "x" })}` },
      { until: ({ event }) => event === "approval_required" },
    );
    await asked;
    await set({ run_deadline_s: 5_000 });
    stack.fake.release();
    const run = String((await running)[0]?.data.run_id);
    const ranMs = await waitFor("the run waits", () => {
      const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
      const row = db.prepare("SELECT body FROM documents_runs WHERE id = ?").get(run);
      db.close();
      const stored = JSON.parse(String(row?.body)) as { status: string; ran_ms: number };
      return stored.status === "waiting_approval" && stored.ran_ms;
    });
    // Counted by the new setting it would have run for 4,500 s already.
    expect(ranMs).toBeLessThan(400_000);
  });

  test("G31 each change is in the audit trail: who, and what it was before and after", async () => {
    await set({ max_steps: 9, run_deadline_s: 70 });
    const { revision, changed_by } = await set({ max_steps: 10 });
    const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
    const rows = db.prepare("SELECT entry, user_id, details FROM audit WHERE subject = 'config'").all();
    db.close();
    const last = rows.at(-1);
    expect([String(last?.entry).split(" ")[0], last?.user_id]).toEqual(["config.changed", changed_by]);
    expect(JSON.parse(String(last?.details))).toMatchObject({
      by: changed_by,
      revision,
      changes: { max_steps: { before: 9, after: 10 }, run_deadline_s: { before: 70, after: null } },
    });
    expect(rows).toHaveLength(new Set(rows.map(({ entry }) => entry)).size);
  });

  test("a change whose entry a crash has left out is in the trail after the next start", async () => {
    const { revision } = await set({ max_steps: 11 });
    await stack.server.kill("SIGTERM");
    const document = { id: "evt_left_out", changed_at: "2026-01-01T00:00:00Z", changed_by: "usr_x" };
    const values = [{ revision: revision + 1, document: { ...document, overrides: { max_steps: 12 } } }];
    await writeFile(join(stack.server.home, "config.json"), JSON.stringify({ values }));
    await restart();
    const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
    const row = db.prepare("SELECT user_id FROM audit WHERE entry = 'config.changed evt_left_out'").get();
    db.close();
    expect(row?.user_id).toBe("usr_x");
  });

  test.each([
    ["is no JSON", "{ not json"],
    ["is of another program", '{"a":1}'],
  ])(
    "a file that %s keeps nothing from starting: the environment holds, and it is said",
    async (_what, text) => {
      await set({ max_steps: 13 });
      await stack.server.kill("SIGTERM");
      await writeFile(join(stack.server.home, "config.json"), text);
      await restart();
      expect(stack.server.output()).toContain("the stored configuration cannot be read");
      const { body } = await get();
      expect(body).toMatchObject({ overrides: {}, problems: [expect.stringContaining("cannot be read")] });
      expect(body.settings.max_steps.value).toBe(20);
      expect((await set({ max_steps: 14 })).problems).toEqual([]);
    },
  );

  test("settings of a newer version are kept and said to have no effect, and a wrong value leaves its default", async () => {
    await stack.server.kill("SIGTERM");
    const overrides = { max_steps: "many", run_deadline_s: 80, of_tomorrow: true };
    const document = { id: "evt_new", changed_at: "2026-01-01T00:00:00Z", changed_by: "usr_x", overrides };
    const values = [{ revision: 1, document }];
    await writeFile(join(stack.server.home, "config.json"), JSON.stringify({ values }));
    await restart();
    const { body } = await get();
    expect(body.overrides).toEqual(overrides);
    expect(body.settings).toMatchObject({ max_steps: { value: 20 }, run_deadline_s: { value: 80 } });
    expect(body.problems.join("\n")).toMatch(/max_steps.*default holds[\s\S]*of_tomorrow.*no effect/);
  });

  test("a setting of a newer version may stay as it is stored, or go, and is not made or changed by this one", async () => {
    await stack.server.kill("SIGTERM");
    const of_tomorrow = { much: [1, 2] };
    const document = { id: "evt_newer", changed_at: "2026-01-01T00:00:00Z", changed_by: "usr_x" };
    const values = [{ revision: 1, document: { ...document, overrides: { of_tomorrow } } }];
    await writeFile(join(stack.server.home, "config.json"), JSON.stringify({ values }));
    await restart();
    expect((await set({ of_tomorrow, max_steps: 15 })).overrides).toEqual({ of_tomorrow, max_steps: 15 });
    const before = (await get()).body.revision;
    for (const other of [{ of_tomorrow: { much: [2, 1] } }, { of_tomorrow, of_the_day_after: 1 }]) {
      const { status, body } = await put(other);
      expect([status, body.errors?.length]).toEqual([422, 1]);
    }
    expect((await get()).body.revision).toBe(before);
    expect((await set({ max_steps: 16 })).overrides).toEqual({ max_steps: 16 });
    expect((await put({ of_tomorrow })).status).toBe(422);
  });
});
