// `npm run repl` on a cluster as an operator runs it: every command is a process of its own that joins, asks and leaves.
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Kysely } from "kysely";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { runRepl, runReplPiped } from "../support/run-repl.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Processes, and the agents of them. */
const [STARTED, AGENTS] = [4, 2];

let cluster: Cluster;
let gateway: TestServer;
beforeAll(async () => {
  cluster = await startCluster();
  const [, first] = await Promise.all([
    cluster.add("users,quota,sessions,tools,nodes,node"),
    cluster.add("api"),
    cluster.add("agent"),
    cluster.add("agent"),
  ]);
  gateway = first;
  await waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
});
afterAll(() => cluster.stop());

const repl = (...args: string[]) => runRepl(cluster.settings, ...args);

/** @throws with what was said when the command has failed */
async function json<T>(line: string): Promise<T> {
  const { status, stdout, stderr } = await repl(`${line} --json`);
  if (status !== 0) throw new Error(`${line}: ${status} ${stderr}`);
  return JSON.parse(stdout) as T;
}

type Node = { id: string; services: string[]; is_this: boolean };
const agents = async () =>
  (await json<{ nodes: Node[] }>("nodes")).nodes.filter(({ services }) => services.includes("agent"));

/** A run whose model does not answer before `release`. */
async function running(user: Client, message: string) {
  cluster.fake.script();
  cluster.fake.hold();
  const asked = cluster.fake.waitForRequest(({ body }) => JSON.stringify(body).includes(message));
  const chat = user.chat({ message });
  const { gone } = await asked;
  const { body } = await user.call<{ runs: { id: string }[] }>("GET", "/agent/runs");
  return { chat, gone, run: String(body.runs[0]?.id) };
}

const BY = `repl:${userInfo().username}`;

type Journal = { run: { owner: string | null; epoch: number; takeovers: number; status: string } };

describe("npm run repl on a cluster", () => {
  test("shows the processes and what they serve; only the answer is on standard output", async () => {
    const nodes = await waitFor("as many as were started, and this one", async () => {
      const seen = (await json<{ nodes: Node[] }>("nodes")).nodes;
      return seen.length >= STARTED + 1 && seen;
    });
    expect(nodes.map(({ services }) => services).toSorted()).toEqual([
      [],
      ["agent"],
      ["agent"],
      ["api"],
      ["config", "mcp", "node", "nodes", "quota", "sessions", "tools", "users"],
    ]);
    expect(nodes.filter(({ is_this }) => is_this).map(({ id }) => id.slice(0, 5))).toEqual(["repl-"]);
    const processes = await waitFor("both agents", async () => {
      const { services } = await json<{ services: { name: string; processes: string[] }[] }>("services");
      const ofAgent = services.find(({ name }) => name === "agent")?.processes ?? [];
      return ofAgent.length >= AGENTS && ofAgent;
    });
    expect(processes).toHaveLength(AGENTS);
  });

  test("lines from a pipe are all done, and the exit code is 1 when one of them failed", async () => {
    const piped = (lines: string) => runReplPiped(cluster.settings, lines);
    const good = await piped("nodes --json\n\nconfig show --json\n");
    expect({ status: good.status, isDone: good.stdout.includes("max_steps") }).toEqual({
      status: 0,
      isDone: true,
    });
    for (const bad of ["users show nobody@example.com", "no such command", 'config set "max_steps 3']) {
      const { status, stdout } = await piped(`${bad}\nconfig show --json\nexit\n`);
      expect([bad, status, stdout.includes("max_steps")]).toEqual([bad, 1, true]);
    }
  });

  test("an account is made, given limits, and disabled: what it does is cut, and the trail says who did it and verifies", async () => {
    const made = await json<{ user: { id: string }; password: string }>(
      "users create ada@example.com --plan pro",
    );
    const login = { email: "ada@example.com", password: made.password };
    const ada = new Client(gateway.url);
    const { body } = await ada.call<{ access_token: string }>("POST", "/users/login", login);
    ada.token = body.access_token;
    await json("quota grant ada@example.com runs_per_day=7 cost_usd_per_day=none");
    const { body: usage } = await ada.call<{ today: { limit: number } }>("GET", "/users/me/usage");
    expect(usage.today.limit).toBe(7);
    const { chat, gone, run } = await running(ada, "ada's work");
    const refused = await repl("users disable ada@example.com");
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("add --yes");
    expect((await repl("users disable ada@example.com --yes")).status).toBe(0);
    await gone;
    cluster.fake.release();
    await chat;
    expect((await ada.call("GET", "/users/me")).status).toBeGreaterThanOrEqual(401);
    expect((await ada.call("POST", "/users/login", login)).body).toMatchObject({ code: "account_disabled" });
    await waitFor(
      "the run has ended",
      async () => (await json<Journal>(`runs journal ${run}`)).run.status === "cancelled",
    );
    expect(await json("audit verify")).toMatchObject({ untouched: true, faults: [] });
    expect(await authorsOf(made.user.id)).toContain(BY);
  });

  test("a run is cancelled wherever it is worked", async () => {
    const user = await register(gateway.url);
    const { chat, gone, run } = await running(user, "cancel this");
    const { runs } = await json<{ runs: { id: string; status: string }[] }>("runs list");
    expect(runs).toContainEqual(expect.objectContaining({ id: run, status: "running" }));
    expect((await repl(`runs cancel ${run}`)).stderr).toContain("add --yes");
    await json(`runs cancel ${run} --yes`);
    await gone;
    cluster.fake.release();
    expect((await chat).at(-1)).toMatchObject({ event: "done", data: { status: "cancelled" } });
    expect(await authorsOf(run)).toContain(BY);
  });

  test("a run is handed over to the other agent and goes on; that counts as no death", async () => {
    const user = await register(gateway.url);
    const { chat, run } = await running(user, "hand this over");
    const { from, to } = await json<{ from: string; to: string }>(`runs hand-over ${run}`);
    const there = await waitFor("both agents", async () => {
      const seen = await agents();
      return seen.length >= AGENTS && seen;
    });
    expect(there.map(({ id }) => id).toSorted()).toEqual([from, to].toSorted());
    expect((await json<Journal>(`runs journal ${run}`)).run).toMatchObject({
      owner: to,
      epoch: 2,
      takeovers: 0,
    });
    cluster.fake.release();
    const told = await chat;
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
  });

  test("a role is given and taken: what its user may do changes with the very next request, and the trail says who did it", async () => {
    const user = await register(gateway.url);
    const asAdmin = async () => (await user.call("GET", "/admin/users")).status;
    expect(await asAdmin()).toBe(403);
    const unsure = await repl(`users role ${user.email} admin`);
    expect({ status: unsure.status, stdout: unsure.stdout }).toEqual({ status: 1, stdout: "" });
    expect(unsure.stderr).toContain("add --yes");
    expect(await asAdmin()).toBe(403);
    const given = await repl(`users role ${user.email} admin --yes`);
    expect(given).toMatchObject({ status: 0, stdout: expect.stringContaining(user.email) });
    expect(await asAdmin()).toBe(200);
    expect((await user.call("GET", "/users/me")).body).toMatchObject({ user: { role: "admin" } });
    const { user: shown } = await json<{ user: object }>(`users role ${user.email} free_user`);
    expect(shown).toMatchObject({ id: user.id, role: "free_user" });
    expect(await asAdmin()).toBe(403);
    expect(await json(`users show ${user.email}`)).toMatchObject({ user: { role: "free_user" } });
    const by = await authorsOf(user.id);
    expect(by.filter((author) => author === BY)).toHaveLength(2);
  });

  test("a plan is given: its user has the plan's limits with the very next request; one that there is not changes nothing", async () => {
    const user = await register(gateway.url);
    expect(await planOf(user)).toEqual(["free", 200]);
    const { user: shown } = await json<{ user: object }>(`users plan ${user.email} pro`);
    expect(shown).toMatchObject({ id: user.id, plan: "pro", role: "pro_user" });
    expect(await planOf(user)).toEqual(["pro", 2_000]);
    const refused = await repl(`users plan ${user.email} club`);
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 1, stdout: "" });
    expect(refused.stderr).toContain('There is no plan "club". There are: free, pro, enterprise.');
    expect(await planOf(user)).toEqual(["pro", 2_000]);
    expect(await authorsOf(user.id)).toContain(BY);
  });

  test("work that was given up is shown and driven again: it is done, and what it was for holds for its user", async () => {
    const user = await register(gateway.url);
    // As where the account was changed, and quota did not follow in ten tries.
    await database((db) =>
      db.updateTable("users").set({ plan: "pro", role: "pro_user" }).where("id", "=", user.id).execute(),
    );
    const letter = {
      id: `evt_of_${user.id}`,
      queue: "follow-plan",
      reason: "failed",
      error: "quota is away",
    };
    const payload = { user_id: user.id };
    const row = { ...letter, payload: JSON.stringify(payload), priority: 5, attempt: 10, added: 1 };
    await database((db) => db.insertInto("work").values(row).execute());
    expect(await json("work dead")).toEqual({ dead_letters: [{ ...letter, payload, attempt: 10 }] });
    expect(await planOf(user)).toEqual(["free", 200]);
    expect(await json(`work redrive ${letter.id}`)).toEqual({ id: letter.id, status: "waiting" });
    await waitFor("the plan is followed", async () => (await planOf(user))[1] === 2_000);
    expect(await planOf(user)).toEqual(["pro", 2_000]);
    await waitFor("it is gone from the table", async () => {
      const left = await database((db) =>
        db.selectFrom("work").select("id").where("id", "=", letter.id).execute(),
      );
      return left.length === 0;
    });
    expect(await json("work dead")).toEqual({ dead_letters: [] });
    expect(await authorsOf(letter.id)).toEqual([BY]);
    const again = await repl(`work redrive ${letter.id}`);
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining("There is no dead letter") });
  });

  test("another secret than the cluster's is refused in words, and so is none", async () => {
    const JWT_SECRET = "another-secret-that-is-long-enough-too";
    const { status, stdout, stderr } = await runRepl(
      { ...cluster.settings, JWT_SECRET },
      "users list --json",
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/another JWT_SECRET, which has to be the same for all of a cluster/);
    const { JWT_SECRET: _secret, ...without } = cluster.settings;
    expect((await runRepl(without, "users list")).stderr).toContain("JWT_SECRET: must be set in a cluster");
  });

  test("a process is drained: its run goes on elsewhere, it works none any more, and the last one is not drained", async () => {
    const user = await register(gateway.url);
    const { chat, run } = await running(user, "outlive the drain");
    const owner = String((await json<Journal>(`runs journal ${run}`)).run.owner);
    await json(`drain ${owner} --yes`);
    const [left, ...more] = await agents();
    expect(more).toEqual([]);
    await waitFor(
      "the other one works it",
      async () => (await json<Journal>(`runs journal ${run}`)).run.owner === left?.id,
    );
    cluster.fake.release();
    expect((await chat).at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    const last = await repl(`drain ${left?.id} --yes`);
    expect(last.status).toBe(1);
    expect(last.stderr).toContain("Stop it instead");
  });
});

type Tables = {
  audit: { subject: string; details: string };
  users: { id: string; plan: string; role: string };
  work: Record<"id" | "queue" | "payload" | "reason" | "error", string> &
    Record<"priority" | "attempt" | "added", number>;
};

/** Asks the cluster's database as somebody beside it. */
async function database<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const url = cluster.settings.POSTGRES_URL ?? "";
  const postgres = openPostgres({ url, name: "test", onLost: () => undefined });
  return work(postgres.sql<Tables>()).finally(() => postgres.close());
}

/** Who has done what the trail has about a subject. */
async function authorsOf(subject: string): Promise<unknown[]> {
  const rows = await database((db) =>
    db.selectFrom("audit").select("details").where("subject", "=", subject).execute(),
  );
  return rows.map(({ details }) => JSON.parse(details).by);
}

/** As its user sees it: the plan, and the runs it has a day. */
async function planOf(user: Client): Promise<[string, number | null]> {
  const { body: subscription } = await user.call<{ plan: string }>("GET", "/users/me/subscription");
  const { body: usage } = await user.call<{ today: { limit: number | null } }>("GET", "/users/me/usage");
  return [subscription.plan, usage.today.limit];
}
