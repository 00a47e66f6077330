// `npm start -- --repl`: an administrator's lines in the process that serves, and `npm run repl` where there is no cluster.
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type FakeModel, startFakeModel } from "../support/fake-model-server.ts";
import { runRepl } from "../support/run-repl.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: TestServer;
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
  const model = {
    OPENAI_BASE_URL: `${fake.url}/v1`,
    OPENAI_API_KEY: "sk-test",
    DEFAULT_MODEL: "openai/fake",
  };
  server = await startServer({ LOG_LEVEL: "silent", ...model }, { withRepl: true });
});
afterAll(async () => {
  await server.remove();
  await fake.close();
});

/** What is printed from this line on, as soon as it has the pattern. */
async function typed(line: string, answer: RegExp): Promise<RegExpExecArray> {
  const before = server.output().length;
  server.type(line);
  return waitFor(`${line} is answered`, () => answer.exec(server.output().slice(before)));
}

async function json<T>(line: string): Promise<T> {
  const [text] = await typed(`${line} --json`, /^\{[\s\S]*?^\}$/m);
  return JSON.parse(text) as T;
}

const BY = `repl:${userInfo().username}`;

describe("the prompt of a server on its own", () => {
  test("an account is made, used, and disabled: what it has under way ends, and the audit trail says who did it", async () => {
    const { user, password } = await json<{ user: { id: string }; password: string }>(
      "users create ada@example.com --plan pro",
    );
    const ada = new Client(server.url);
    const login = { email: "ada@example.com", password };
    const { body } = await ada.call<{ access_token: string }>("POST", "/users/login", login);
    ada.token = body.access_token;
    fake.hold();
    const asked = fake.waitForRequest();
    const chat = ada.chat({ message: "work on this" });
    const { gone } = await asked;
    const { runs } = await json<{ runs: { id: string; user_id: string; status: string }[] }>("runs list");
    expect(runs).toMatchObject([{ user_id: user.id, status: "running" }]);
    await typed("users disable ada@example.com", /Nobody can be asked here: add --yes/);
    expect((await ada.call("GET", "/users/me")).status).toBe(200);
    await typed("users disable ada@example.com --yes", /ada@example.com is disabled/);
    await gone;
    fake.release();
    await chat;
    expect((await ada.call("POST", "/users/login", login)).body).toMatchObject({ code: "account_disabled" });
    expect([401, 403]).toContain((await ada.call("GET", "/users/me")).status);
    // Its stream was cut with the account; the run ends by itself.
    await waitFor("the run has ended", async () => {
      const { run } = await json<{ run: { status: string } }>(`runs journal ${runs[0]?.id}`);
      return run.status === "cancelled";
    });
    expect(await trail(user.id)).toEqual(
      expect.arrayContaining([
        { entry: "account.registered", by: BY },
        { entry: "account.changed", by: BY },
      ]),
    );
  });

  test("a run of anybody is cancelled after --yes, and it is the administrator who has done it", async () => {
    const someone = await register(server.url);
    fake.hold();
    const asked = fake.waitForRequest(({ body }) => JSON.stringify(body).includes("cancel me"));
    const chat = someone.chat({ message: "cancel me" });
    await asked;
    const { runs } = await json<{ runs: { id: string }[] }>(`runs list --user ${someone.email}`);
    const run = String(runs[0]?.id);
    await typed(`runs cancel ${run}`, /Nobody can be asked here/);
    await typed(`runs cancel ${run} --yes`, /is being cancelled/);
    fake.release();
    expect((await chat).at(-1)).toMatchObject({ event: "done", data: { status: "cancelled" } });
    expect(await trail(run)).toContainEqual({ entry: "run.cancel_requested", by: BY });
    await typed(`runs hand-over ${run}`, /There is no other process that could work the run/);
    await typed("drain core --yes", /No other process works runs/);
  });

  test("limits of a user's own are granted, hold at once, and are taken back", async () => {
    const someone = await register(server.url);
    const limit = async () =>
      (await someone.call<{ today: { limit: number } }>("GET", "/users/me/usage")).body.today.limit;
    await typed(`quota grant ${someone.email} runs_per_day=3`, /runs_per_day: 3 {2}own/);
    expect(await limit()).toBe(3);
    await typed(`quota reset ${someone.email} --yes`, /runs_per_day: 200\n/);
    expect(await limit()).toBe(200);
  });

  test("sessions are listed without what was said, work that was given up is listed, and the trail is verified", async () => {
    const someone = await register(server.url);
    await someone.call("POST", "/sessions", { title: "我的会话" });
    const { sessions } = await json<{ sessions: { title: string }[] }>(`sessions list ${someone.email}`);
    expect(sessions.map(({ title }) => title)).toContain("我的会话");
    expect(await json("work dead")).toEqual({ dead_letters: [] });
    await typed("work redrive evt_none", /There is no dead letter "evt_none"/);
    expect(await json("audit verify")).toMatchObject({ untouched: true, faults: [] });
  });

  test("the configuration is changed, shown, and what was before comes back", async () => {
    await typed("config set max_steps 40", /Revision \d+: \{"max_steps":40\}/);
    await typed(
      "config set fallback_models demo/demo,openai/x",
      /"fallback_models":\["demo\/demo","openai\/x"\]/,
    );
    const { settings } = await json<{ settings: Record<string, object> }>("config show");
    expect(settings.max_steps).toMatchObject({ value: 40, source: "config" });
    await typed("config unset fallback_models", /\{"max_steps":40\}/);
    await typed("config revert --yes", /"fallback_models"/);
    await typed("config set max_steps many", /max_steps/);
    const { changes } = await json<{ changes: { changed_by: string }[] }>("config history");
    expect(changes.length).toBeGreaterThan(3);
    expect(changes.some(({ changed_by }) => changed_by === BY)).toBe(true);
  });

  test.each([
    "call",
    "dcall",
    "emit",
    "broadcast",
    "load",
    "loadFolder",
    "env",
    "bench",
    "destroy",
    "cache",
    "info",
    "listener",
    ".load",
    ".editor",
  ])("Moleculer's own %s is not there", async (name) => {
    await typed(`${name} users.adminList`, new RegExp(`There is no command "${RegExp.escape(name)}"`));
  });

  test("leaving it leaves the server running, and what was typed behind exit is not done", async () => {
    await typed("exit\nusers create late@example.com", /the server goes on/);
    const door = new Client(server.url, await server.ownerKey());
    expect((await door.call("GET", "/health/ready")).status).toBe(200);
    const { body } = await door.call<{ users: object[] }>("GET", "/admin/users?q=late");
    expect(body.users).toEqual([]);
  });

  test("a pipe that ends while its last line is done leaves the server running, too", async () => {
    const other = await startServer({ LOG_LEVEL: "silent" }, { withRepl: true });
    try {
      other.typeLast("nodes\nusers create last@example.com");
      await waitFor("both are done", () => /last@example.com[\s\S]*the server goes on/.test(other.output()));
      expect((await new Client(other.url).call("GET", "/health/ready")).status).toBe(200);
    } finally {
      await other.remove();
    }
  });
});

/** Entries about a subject, without their numbers. */
async function trail(subject: string): Promise<{ entry: string; by: unknown }[]> {
  const { openAudit } = await import("../../lib/embedded/open-audit.ts");
  const { allRows } = await import("../../lib/audit/chain.ts");
  const opened = openAudit(server.home);
  const found: { entry: string; by: unknown }[] = [];
  for (const writer of await opened.trail.writers())
    for await (const row of allRows(opened.trail, writer))
      if (row.subject === subject)
        found.push({ entry: String(row.entry.split(" ")[0]), by: JSON.parse(row.details).by });
  await opened.close();
  return found;
}

describe("npm run repl", () => {
  test("without a cluster says what there is instead, and joins nothing", async () => {
    const { status, stdout, stderr } = await runRepl({}, "users list");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("npm start -- --repl");
    expect((await runRepl({ LANG: "zh_CN.UTF-8" }, "users list")).stderr).toContain("没有设置 NATS_URL");
  });

  test("refuses half a cluster and a cluster without its secret in words", async () => {
    const cluster = {
      NATS_URL: "nats://127.0.0.1:1",
      POSTGRES_URL: "postgres://127.0.0.1:1/none",
      MONGO_URL: "mongodb://127.0.0.1:1/none?replicaSet=rs0",
      REDIS_URL: "redis://127.0.0.1:1",
    };
    const { status, stdout, stderr } = await runRepl(cluster, "nodes");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("JWT_SECRET: must be set in a cluster");
    const { REDIS_URL: _redis, ...half } = cluster;
    expect((await runRepl(half, "nodes")).stderr).toContain("REDIS_URL: must be set as well");
  });

  test.each([
    [["nonsense"], 'There is no command "nonsense"'],
    [["users", "destroy", "me"], 'There is no command "users destroy"'],
    [["users role ada"], '"users role" needs more: users role <user> <role>'],
    [["users list --role admin"], "There is no option --role"],
    [['users list "ada'], "A quotation mark is not closed"],
  ])("%j is not understood: exit code 2, and nothing on standard output", async (args, words) => {
    const { status, stdout, stderr } = await runRepl({}, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
  });

  test("help needs no cluster", async () => {
    const { status, stdout } = await runRepl({}, "help");
    expect(status).toBe(0);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect((await runRepl({}, "runs", "--help")).stdout).toContain("runs hand-over <run>");
  });
});
