// `npm run repl` on a cluster as an operator runs it: every command is a process of its own that joins, asks and leaves.
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { runRepl } from "../support/run-repl.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

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

type Journal = { run: { owner: string | null; epoch: number; takeovers: number; status: string } };

describe("npm run repl on a cluster", () => {
  test("shows the processes and what they serve; only the answer is on standard output", async () => {
    const { nodes } = await json<{ nodes: Node[] }>("nodes");
    expect(nodes.map(({ services }) => services).toSorted()).toEqual([
      [],
      ["agent"],
      ["agent"],
      ["api"],
      ["config", "node", "nodes", "quota", "sessions", "tools", "users"],
    ]);
    expect(nodes.filter(({ is_this }) => is_this).map(({ id }) => id.slice(0, 5))).toEqual(["repl-"]);
    const { services } = await json<{ services: { name: string; processes: string[] }[] }>("services");
    expect(services.find(({ name }) => name === "agent")?.processes).toHaveLength(2);
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
    expect(await authorsOf(made.user.id)).toContain(`repl:${userInfo().username}`);
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
    expect(await authorsOf(run)).toContain(`repl:${userInfo().username}`);
  });

  test("a run is handed over to the other agent and goes on; that counts as no death", async () => {
    const user = await register(gateway.url);
    const { chat, run } = await running(user, "hand this over");
    const { from, to } = await json<{ from: string; to: string }>(`runs hand-over ${run}`);
    expect((await agents()).map(({ id }) => id).toSorted()).toEqual([from, to].toSorted());
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

/** Who has done what the trail has about a subject. */
async function authorsOf(subject: string): Promise<unknown[]> {
  const { openPostgres } = await import("../../lib/cluster/postgres/open-postgres.ts");
  const postgres = openPostgres({
    url: cluster.settings.POSTGRES_URL ?? "",
    name: "test",
    onLost: () => undefined,
  });
  const rows = await postgres
    .sql<{ audit: { subject: string; details: string } }>()
    .selectFrom("audit")
    .select("details")
    .where("subject", "=", subject)
    .execute();
  await postgres.close();
  return rows.map(({ details }) => JSON.parse(details).by);
}
