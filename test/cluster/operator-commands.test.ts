// The commands of an operator on a cluster that runs: doctor, audit and user say the same in both modes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Finding } from "../../bin/doctor/finding.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { answerRollCall } from "../../lib/cluster/nats/roll-call.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import type { TestServer } from "../support/start-server.ts";
import { beside as besideMongo } from "../support/use-mongo.ts";
import { beside } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");

let cluster: Cluster;
let core: TestServer;
let gateway: TestServer;
let home: string;
beforeAll(async () => {
  cluster = await startCluster();
  const METRICS_PORT = "0";
  core = await cluster.add("api,users,quota,sessions,agent,tools,nodes,node", { METRICS_PORT });
  gateway = await cluster.add("api", { METRICS_PORT });
  home = await mkdtemp(join(tmpdir(), "macjarvis-operator-"));
});
afterAll(async () => {
  await cluster.stop();
  await rm(home, { recursive: true, force: true });
});

const database = (query: string, values: unknown[] = []) =>
  beside(cluster.settings.POSTGRES_URL ?? "", (client) => client.query(query, values));

/** As an operator runs it, beside the cluster: with a data folder of its own. */
async function command(name: "doctor" | "audit" | "user", args: string[], env: Record<string, string> = {}) {
  const child = spawn(join(ROOT, "node_modules/.bin/node"), [`bin/${name}.ts`, ...args], {
    cwd: ROOT,
    env: environment({ ...cluster.settings, MACJARVIS_HOME: home, SANDBOX: "off", ...env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status: status as number, stdout, stderr };
}

async function doctor(env: Record<string, string> = {}) {
  const { status, stdout } = await command("doctor", ["--json"], { MACJARVIS_URL: core.url, ...env });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { status, findings, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

describe("npm run doctor", () => {
  test("on a cluster that is well tells its servers, its processes, and that nothing is wrong", async () => {
    const { of, findings } = await doctor({ MACJARVIS_KEY: await core.ownerKey() });
    expect(findings.filter(({ state }) => state === "failure")).toEqual([]);
    for (const check of [
      "NATS",
      "PostgreSQL",
      "tables",
      "waiting work",
      "MongoDB",
      "Redis",
      "clocks",
      "runs",
      "holds",
      "audit",
    ])
      expect(of(check)).toEqual([expect.objectContaining({ state: "ok" })]);
    const [processes] = of("processes");
    expect(processes?.message).toMatch(/core-[\w-]+, [\d.]+: .*users.*\napi-|api-[\w-]+, [\d.]+: api\ncore-/);
    expect(of("PostgreSQL")[0]?.message).toMatch(/PostgreSQL 1\d.* connections are free/);
  });

  test("tells of a replica whether it can be used for reports, and nothing where there is none", async () => {
    expect((await doctor()).of("replica")).toEqual([]);
    const { of } = await doctor({ POSTGRES_REPLICA_URL: cluster.settings.POSTGRES_URL ?? "" });
    expect(of("replica")).toMatchObject([
      {
        state: "warning",
        id: "replica.away",
        message: expect.stringMatching(/POSTGRES_URL \(it is no replica/),
      },
    ]);
  });

  test("tells what is left behind, and changes nothing of it", async () => {
    await database(
      "insert into work (id, queue, payload, priority, attempt, added, error, reason) values ('w1', 'mail', '{}', 5, 10, 1, 'no', 'failed')",
    );
    await database("insert into migrations_quota (name, timestamp) values ('2999-01-01-new', '2999')");
    const nats = await openNats({ url: cluster.settings.NATS_URL ?? "", name: "test" });
    answerRollCall(nats, { id: "late-1", version: "0.0.1", services: ["agent"] }, () => Date.now() - 300_000);
    await besideMongo(cluster.settings.MONGO_URL ?? "", (client) =>
      client
        .db()
        .collection<{ _id: string }>("runs")
        .insertOne({
          _id: "run_lost",
          open: 1,
          owner: "core-gone",
          created_at: "2026",
          status: "queued",
        } as never),
    );
    const { of } = await doctor();
    await nats.close();
    await besideMongo(cluster.settings.MONGO_URL ?? "", (client) =>
      client.db().collection<{ _id: string }>("runs").deleteOne({ _id: "run_lost" }),
    );
    expect((await database("delete from work where id = 'w1'")).rowCount).toBe(1);
    expect((await database("delete from migrations_quota where name like '2999%'")).rowCount).toBe(1);
    expect(of("waiting work")).toMatchObject([
      { state: "warning", message: "1 piece of work given up (mail)" },
    ]);
    expect(of("tables")).toMatchObject([
      { state: "failure", message: expect.stringContaining("quota 2999-01-01-new") },
    ]);
    expect(of("clocks")).toMatchObject([
      { state: "warning", message: expect.stringMatching(/process late-1 is (29\d|300) s behind/) },
    ]);
    expect(of("processes").map(({ id }) => id)).toContain("processes.versions");
    for (const finding of [...of("waiting work"), ...of("tables"), ...of("clocks")])
      expect(finding.fix).toBeTruthy();
  });

  test("with Redis away warns, with the others away fails, and ends", async () => {
    const nobody = (url: string) => Object.assign(new URL(url), { port: "1" }).href;
    const { NATS_URL = "", MONGO_URL = "", REDIS_URL = "" } = cluster.settings;
    await cluster.servers.postgres.pause();
    const { status, of } = await doctor({
      NATS_URL: nobody(NATS_URL),
      MONGO_URL: nobody(MONGO_URL),
      REDIS_URL: nobody(REDIS_URL),
    });
    cluster.servers.postgres.resume();
    expect(status).toBe(1);
    for (const check of ["NATS", "PostgreSQL", "MongoDB"])
      expect(of(check)).toMatchObject([{ id: `${check}.away`, state: "failure", fix: expect.any(String) }]);
    expect(of("Redis")).toMatchObject([
      { state: "warning", message: expect.stringMatching(/^away: everything works/) },
    ]);
  });
});

/** Whether a process says on its page of metrics that Redis can be used: 1 or 0. */
async function redisUp(server: TestServer): Promise<number> {
  const [, url = ""] = /"metrics":"([^"]+)"/.exec(server.output()) ?? [];
  const page = await (await fetch(url)).text();
  return Number(/^macjarvis_redis_up (\d)$/m.exec(page)?.[1] ?? Number.NaN);
}

test("while Redis is away each process says so in its metrics, and doctor beside them; both say when it is back", async () => {
  const redis = async () => (await doctor()).of("Redis").map(({ state, id }) => [state, id]);
  const allSay = (up: number) =>
    waitFor(`all say ${up}`, async () => {
      const said = await Promise.all([core, gateway].map(redisUp));
      return said.every((one) => one === up);
    });
  await allSay(1);
  const before = await redis();
  expect(before.map(([state]) => state)).toEqual(["ok"]);
  await cluster.servers.redis.kill();
  await allSay(0);
  // Everything works without it: nothing has failed, and requests are answered.
  expect(await redis()).toEqual([["warning", "Redis.away"]]);
  expect((await (await register(gateway.url)).call("GET", "/sessions")).status).toBe(200);
  await cluster.servers.redis.restart();
  await allSay(1);
  expect(await redis()).toEqual(before);
});

describe("npm run audit", () => {
  test("a process goes on with its chain after a restart, and verify reads every chain", async () => {
    const before = JSON.parse((await command("audit", ["head"])).stdout) as { writer: string; seq: number }[];
    core = await core.restart();
    await waitFor(
      "it is ready",
      async () => (await new Client(core.url).call("GET", "/health/ready")).status === 200,
    );
    await register(core.url);
    const { stdout } = await command("audit", ["head"]);
    const after = JSON.parse(stdout) as typeof before;
    expect(after.map(({ writer }) => writer)).toEqual(before.map(({ writer }) => writer));
    expect(after[0]?.seq).toBeGreaterThan(before[0]?.seq ?? 0);
    const kept = join(home, "head.json");
    await writeFile(kept, stdout);
    expect(await command("audit", ["verify", "--head", kept])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("untouched"),
    });
    expect((await command("audit", ["show"])).stdout).toContain("account.registered");
  });

  test("names what was changed or cut off, and the doctor too", async () => {
    const kept = join(home, "head.json");
    await database("update audit set user_id = 'usr_other' where seq = 1");
    const changed = await command("audit", ["verify"]);
    expect(changed).toMatchObject({ status: 1, stdout: expect.stringMatching(/tampered with.*row 1/s) });
    expect((await doctor()).of("audit")).toMatchObject([{ id: "audit.tampered", state: "failure" }]);
    await database("delete from audit where seq = (select max(seq) from audit)");
    expect((await command("audit", ["verify", "--head", kept])).stdout).toMatch(/its end was cut off/);
  });

  test("with another secret or another database says so", async () => {
    const other = await command("audit", ["verify"], { JWT_SECRET: "z".repeat(40) });
    expect(other).toMatchObject({ status: 1 });
    const url = Object.assign(new URL(cluster.settings.POSTGRES_URL ?? ""), { pathname: "/postgres" }).href;
    const none = await command("audit", ["verify"], { POSTGRES_URL: url });
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/holds no audit trail yet.*Check POSTGRES_URL/),
    });
  });
});

describe("npm run user", () => {
  test("through one gateway: who is disabled is refused by the other one at once", async () => {
    const user = await register(core.url);
    const there = new Client(gateway.url, user.token);
    expect((await there.call("GET", "/sessions")).status).toBe(200);
    const key = { MACJARVIS_KEY: await core.ownerKey(), MACJARVIS_URL: core.url };
    expect(await command("user", ["disable", user.email, "--yes"], key)).toMatchObject({ status: 0 });
    expect((await there.call("GET", "/sessions")).status).toBe(403);
    expect(await command("user", ["enable", user.email], key)).toMatchObject({ status: 0 });
    expect(await command("user", ["role", user.email, "admin", "--yes"], key)).toMatchObject({ status: 0 });
    const again = await there.call<{ access_token: string }>("POST", "/users/login", {
      email: user.email,
      password: user.password,
    });
    const admin = new Client(gateway.url, again.body.access_token);
    expect((await admin.call("GET", "/admin/users")).status).toBe(200);
    expect(await command("user", ["role", user.email, "free_user"], key)).toMatchObject({ status: 0 });
    expect((await admin.call("GET", "/admin/users")).status).toBe(403);
  });
});
