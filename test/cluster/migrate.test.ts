// `npm run migrate -- --to cluster` as an operator does it: a server on its own files is stopped, moved, and goes on as a cluster.
import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { verifyAudit } from "../../lib/audit/chain.ts";
import { openClusterAudit } from "../../lib/cluster/postgres/open-audit.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import { HARD_TEXT, type LivedIn, liveIn, streamOf } from "../support/lived-in-home.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let cluster: Cluster;
let alone: Record<string, string>;
let lived: LivedIn;
let home: string;
let homes: { users: string; node: string };
beforeAll(async () => {
  cluster = await startCluster();
  const { NATS_URL, POSTGRES_URL, MONGO_URL, REDIS_URL, JWT_SECRET, ...others } = cluster.settings;
  alone = others;
  lived = await liveIn(alone, cluster.fake);
  home = lived.server.home;
  homes = {
    users: await mkdtemp(join(tmpdir(), "macjarvis-users-")),
    node: await mkdtemp(join(tmpdir(), "macjarvis-node-")),
  };
});
afterAll(async () => {
  await cluster.stop();
  await lived.server.remove();
  await Promise.all(Object.values(homes).map((folder) => rm(folder, { recursive: true, force: true })));
});

function migrate(args: string[], over: Record<string, string | undefined> = {}) {
  const { JWT_SECRET: _unset, ...urls } = cluster.settings;
  const env = environment({ ...urls, MACJARVIS_HOME: home, ...over });
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(NODE, ["bin/migrate.ts", ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

const TO_CLUSTER = ["--to", "cluster"];
const NO_CLUSTER = {
  ...{ NATS_URL: undefined, POSTGRES_URL: undefined, MONGO_URL: undefined, REDIS_URL: undefined },
};

describe("before the move", () => {
  test("nothing is moved without saying where to, nor without a cluster", async () => {
    expect((await migrate([])).output).toMatch(/Say where to/);
    const nowhere = await migrate(TO_CLUSTER, NO_CLUSTER);
    expect(nowhere).toMatchObject({ code: 1, output: expect.stringMatching(/Set NATS_URL, POSTGRES_URL/) });
  });

  test("a folder on which a server runs is refused, with its process", async () => {
    const { code, output } = await migrate(TO_CLUSTER);
    expect(output).toMatch(new RegExp(`in use by another MacJarvis \\(process ${lived.server.pid}\\)`));
    expect(code).toBe(1);
    await lived.server.kill("SIGTERM");
  });

  test("a dry run counts, and leaves cluster and folder as they are", async () => {
    const before = await contents(home);
    const { code, output } = await migrate([...TO_CLUSTER, "--dry-run"], NO_CLUSTER);
    expect(output).toMatch(/^users +2$/m);
    expect(output).toMatch(/^runs +16$/m);
    expect(output).toMatch(/Nothing was moved/);
    expect(code).toBe(0);
    expect(await contents(home)).toEqual(before);
  });
});

describe("the move", () => {
  let moved: { code: number; output: string };
  let before: Map<string, string>;
  beforeAll(async () => {
    before = await contents(home);
    moved = await migrate(TO_CLUSTER);
  });

  test("shows every store with what is on both sides, equal, and that the audit trail is untouched", () => {
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining("Moved.") });
    const stores = ["users", "api_keys", "ledger", "usage_days", "holds", "audit", "work", "nodes", "runs"];
    for (const name of [...stores, "sessions", "message_pages", "calls", "settings", "run events"])
      expect(moved.output).toMatch(new RegExp(`^${name} +(\\d+) +\\1 +[0-9a-f]{12} +same$`, "m"));
    expect(moved.output).toMatch(/audit trail is untouched: \d+ entries/);
    expect(moved.output).not.toMatch(/DIFFERENT/);
  });

  test("leaves the data folder as it was but for the mark, with which no server starts on it", async () => {
    const after = await contents(home);
    expect(after.get("moved-to-cluster")).toMatch(/Moved to a cluster/);
    after.delete("moved-to-cluster");
    expect(after).toEqual(before);
    await expect(startServer(alone, { home })).rejects.toThrow(
      /was moved to a cluster: .*to go on here without what the cluster has done since, remove .*moved-to-cluster/,
    );
    expect((await migrate(TO_CLUSTER)).output).toMatch(/was moved to a cluster before/);
  });

  test("is refused into a cluster that has something already", async () => {
    const copy = await mkdtemp(join(tmpdir(), "macjarvis-copy-"));
    await cp(home, copy, { recursive: true });
    await rm(join(copy, "moved-to-cluster"));
    // What was moved was all of it, so that the mark is put back.
    expect((await migrate(TO_CLUSTER, { MACJARVIS_HOME: copy })).output).toMatch(/All of it was moved/);
    await rm(join(copy, "moved-to-cluster"));
    const started = await startServer(alone, { home: copy });
    await register(started.url);
    await started.kill("SIGTERM");
    const { code, output } = await migrate(TO_CLUSTER, { MACJARVIS_HOME: copy });
    expect(output).toMatch(/Another data folder is being moved into this cluster, or this one has been used/);
    expect(code).toBe(1);
    await started.remove();
  });
});

describe("the cluster after the move", () => {
  let gateway: TestServer;
  const env = () => ({ JWT_SECRET: secret });
  let secret: string;
  beforeAll(async () => {
    secret = (await readFile(join(home, "jwt-secret"), "utf8")).trim();
    for (const name of ["owner.key", "audit-key"]) await cp(join(home, name), join(homes.users, name));
    await cp(join(home, "node"), join(homes.node, "node"), { recursive: true });
    const [first] = await Promise.all([
      cluster.add("api", env()),
      cluster.add("users,quota,sessions,tools,nodes", { ...env(), MACJARVIS_HOME: homes.users }),
      cluster.add("node", { ...env(), MACJARVIS_HOME: homes.node }),
      cluster.add("agent", env()),
    ]);
    gateway = first as TestServer;
    lived.ada.url = gateway.url;
    await waitFor(
      "the gateway is ready",
      async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
    );
  });

  test("knows its people by password, token, refresh token and key, and the owner by the same key", async () => {
    const { email, password, key, refreshToken: refresh_token } = lived.ada;
    expect((await lived.ada.call("GET", "/users/me")).status).toBe(200);
    expect((await new Client(gateway.url, key).call("GET", "/sessions")).status).toBe(200);
    const anyone = new Client(gateway.url);
    expect((await anyone.call("POST", "/users/login", { email, password })).status).toBe(200);
    expect((await anyone.call("POST", "/users/refresh", { refresh_token })).status).toBe(200);
    const owner = new Client(gateway.url, (await readFile(join(home, "owner.key"), "utf8")).trim());
    const { body } = await owner.call<{ users: unknown[] }>("GET", "/admin/users");
    expect(body.users).toHaveLength(2);
    const config = await owner.call("GET", "/admin/config");
    expect(config.body).toMatchObject({ settings: { max_steps: { value: 9, source: "config" } } });
  });

  test("has what was said, to the last character, and what it cost", async () => {
    type History = { messages: { content: string }[] };
    const { body } = await lived.ada.call<History>("GET", `/sessions/${lived.ended.session}/messages`);
    expect(body.messages[0]?.content).toBe(`hello ${HARD_TEXT}`);
    expect(body.messages.length).toBeGreaterThanOrEqual(6);
    expect((await lived.ada.call("GET", "/users/me/usage")).body).toEqual(lived.usage);
  });

  test("G9 tells the events of a run that has ended byte for byte", async () => {
    expect(await streamOf(lived.ada, lived.ended.run)).toBe(lived.ended.stream);
  });

  test("G6 a question that was asked before the move is answered in the cluster, its call runs once, and who stood in line follows", async () => {
    const { run, call, path } = lived.asked;
    const answered = await lived.ada.call("POST", `/agent/runs/${run}/approvals/${call}`, {
      decision: "approve",
    });
    expect(answered.status).toBe(200);
    const told = await lived.ada.events(run);
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
    expect(await readFile(path, "utf8")).toBe("first, once");
    const after = await lived.ada.events(lived.queued.run);
    expect(after.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
  });

  test("G31 the audit trail that the server began and that the cluster's processes go on is proven by the keys of both", async () => {
    const chatted = await lived.ada.chat({ message: "still there?" });
    expect(chatted.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    const open = (at: string) => openClusterAudit(cluster.settings.POSTGRES_URL ?? "", [secret], at);
    const { trail, seals, close } = await open(homes.users);
    const { rows, heads, faults } = await verifyAudit(trail, [], seals);
    await close();
    // Of a process that has no part in it.
    const other = await open(homes.node);
    const alone = await verifyAudit(other.trail, [], other.seals);
    await other.close();
    expect(faults).toEqual([]);
    expect(heads.length).toBeGreaterThan(1);
    expect(rows).toBeGreaterThan(heads.find(({ writer }) => writer === "embedded")?.seq ?? 0);
    expect(alone.faults[0]).toMatch(/is sealed with a key that is not in audit-key/);
  });
});

/** Of files that stay: SQLite's own index of its log is of no process's concern. */
async function contents(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && !/-shm$|^(pid|lock)$/.test(entry.name));
  const found = files
    .filter(({ parentPath }) => !parentPath.includes("code-cache"))
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const text = await readFile(path, "latin1");
      // Not shown whole where it is not the same.
      return [path.slice(folder.length + 1), text.length < 200 ? text : hash("sha256", text)] as const;
    });
  return new Map((await Promise.all(found)).sort());
}
