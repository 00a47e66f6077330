// Backup and restore as docs/operations.md says it: both databases are dumped one after the other while people go on, and are restored into
// empty servers, with a NATS that knows nothing.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Document as Stored } from "mongodb";
import pg from "pg";
import { sealsOf, verifyAudit } from "../../lib/audit/chain.ts";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { PostgresAudit } from "../../lib/cluster/postgres/postgres-audit.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { runRepl } from "../support/run-repl.ts";
import { beside } from "../support/use-mongo.ts";
import { waitFor } from "../support/wait-for.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

let former: Cluster;
let restored: Cluster;
let folder: string;
let ada: Awaited<ReturnType<typeof register>>;
let ended: { run: string; session: string };
let asked: { run: string; call: string; path: string };
/** Worked while the documents were dumped, and ended before the dump of PostgreSQL. */
let midway: string;
let afterDocuments: { run: string; held: Promise<unknown> };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-backup-"));
  former = await startCluster();
  await live(former);
  await backUp(former);
  restored = await startCluster();
  await restore(restored);
  const env = { MACJARVIS_HOME: join(folder, "core"), TOOL_ROOTS: former.workspace };
  ada.url = await startOn(restored, env, setConfig);
});
afterAll(async () => {
  for (const cluster of [restored, former]) await cluster?.stop();
  await afterDocuments?.held;
  await rm(folder, { recursive: true, force: true });
});

let core: string;
/**
 * @param before done when a gateway is there, and no agent
 * @returns the gateway's address, once it can be used
 */
async function startOn(
  cluster: Cluster,
  env: Record<string, string> = {},
  before: (url: string) => Promise<void> = async () => {},
): Promise<string> {
  const [gateway, first] = await Promise.all([
    cluster.add("api"),
    cluster.add("users,quota,sessions,tools,nodes,node", env),
  ]);
  core = first.home;
  await before(gateway.url);
  await cluster.add("agent");
  await waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
  return gateway.url;
}

async function live(cluster: Cluster): Promise<void> {
  ada = await register(await startOn(cluster));
  const told = await ada.chat({ message: "remember the 7 herons 🪿" });
  ended = { run: String(told[0]?.data.run_id), session: String(told[0]?.data.session_id) };
  const path = join(cluster.workspace, "note.txt");
  await writeFile(path, "first, ");
  const waiting = await ada.chat(
    { message: `call:append_file ${JSON.stringify({ path, content: "once" })}` },
    { until: ({ event }) => event === "approval_required" },
  );
  for (const [name, value] of Object.entries(CONFIGURED))
    expect((await runRepl(cluster.settings, "config", "set", name, JSON.stringify(value))).status).toBe(0);
  asked = { run: String(waiting[0]?.data.run_id), call: String(waiting.at(-1)?.data.call_id), path };
}

/** What an admin has changed. */
const CONFIGURED = {
  max_steps: 17,
  policy: { execute: "deny" },
  plan_limits: { free: { runs_per_day: 777 } },
  prices: { "openai/fake": { input_per_million: 1, output_per_million: 2 } },
};

/** The line of the manual that brings the settings back, as its reader runs it. */
async function setConfig(url: string): Promise<void> {
  const page = await readFile(join(ROOT, "docs/operations/backup.md"), "utf8");
  const line = /^jq .*config\.json.*$/m.exec(page)?.[0] ?? "false";
  const env = { PATH: process.env.PATH, MACJARVIS_URL: url, HOME_OF_USERS: join(folder, "core") };
  await run("sh", ["-c", line], { cwd: folder, env });
}

const dump = () => join(folder, "postgres.dump");

/** MongoDB first: what is between both dumps is in the younger one then, which has money and audit. */
async function backUp({ settings, fake }: Cluster): Promise<void> {
  fake.hold();
  const working = ada.chat({ message: "midway" });
  await fake.waitForRequest(({ body }) => JSON.stringify(body).includes("midway"));
  // As `mongodump` would, which no registry of this project has.
  const documents = await beside(settings.MONGO_URL ?? "", async (client) => {
    const collections = await client.db().listCollections().toArray();
    const of = ({ name }: { name: string }) => client.db().collection(name).find().toArray();
    return Promise.all(collections.map(async (one) => [one.name, await of(one)] as const));
  });
  saved = new Map(documents);
  fake.release();
  midway = String((await working)[0]?.data.run_id);
  const told = await ada.chat({ message: "between both dumps" });
  fake.hold();
  const held = ada.chat({ message: "never answered" }).catch(() => undefined);
  afterDocuments = { run: String(told[0]?.data.run_id), held };
  await fake.waitForRequest(({ body }) => JSON.stringify(body).includes("never answered"));
  await run("pg_dump", ["--format=custom", "--file", dump(), settings.POSTGRES_URL ?? ""]);
  await writeFile(join(folder, "config.json"), (await runRepl(former.settings, "config show --json")).stdout);
  await cp(core, join(folder, "core"), { recursive: true });
}

let saved: Map<string, Stored[]>;

async function restore({ settings }: Cluster): Promise<void> {
  await run("pg_restore", ["--no-owner", "--dbname", settings.POSTGRES_URL ?? "", dump()]);
  await beside(settings.MONGO_URL ?? "", async (client) => {
    for (const [name, documents] of saved)
      if (documents.length > 0) await client.db().collection(name).insertMany(documents);
  });
}

async function rows<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client(restored.settings.POSTGRES_URL);
  await client.connect();
  return client
    .query<Row>(sql)
    .then((answer) => answer.rows)
    .finally(() => client.end());
}

describe("a cluster that was restored from its dumps", () => {
  test("lets people in who had an account, with password and token", async () => {
    const { email, password } = ada;
    expect((await ada.call("GET", "/users/me")).status).toBe(200);
    const login = await new Client(ada.url).call("POST", "/users/login", { email, password });
    expect(login.status).toBe(200);
    const owner = (await readFile(join(folder, "core", "owner.key"), "utf8")).trim();
    expect((await new Client(ada.url, owner).call("GET", "/admin/users")).status).toBe(200);
  });

  test("has what was said before the dump of the documents, and takes what is said now", async () => {
    type History = { messages: { content: string }[] };
    const history = () => ada.call<History>("GET", `/sessions/${ended.session}/messages`);
    expect((await history()).body.messages[0]?.content).toBe("remember the 7 herons 🪿");
    const told = await ada.chat({ session_id: ended.session, message: "how many?" });
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect((await history()).body.messages).toHaveLength(4);
  });

  test("answers for the events of a run that has ended that they are gone: NATS had them", async () => {
    const { status, body } = await ada.call("GET", `/agent/runs/${ended.run}/events`);
    expect({ status, body }).toMatchObject({ status: 410, body: { code: "events_expired" } });
  });

  test("tells a run that waits from its beginning, takes its answer, and runs its call once", async () => {
    const reading = ada.events(asked.run);
    const answer = { decision: "approve" };
    const path = `/agent/runs/${asked.run}/approvals/${asked.call}`;
    expect((await ada.call("POST", path, answer)).status).toBe(200);
    const told = await reading;
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
    expect(told.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["approval_required", "tool_result"]),
    );
    expect(await readFile(asked.path, "utf8")).toBe("first, once");
  });

  test("G7 works a run again that had ended between both dumps, and charges it once", async () => {
    const look = () => ada.call<{ run: { status: string } }>("GET", `/agent/runs/${midway}`);
    await waitFor("it has ended again", async () => (await look()).body.run.status === "completed");
    await waitFor("the later end is charged", async () => {
      const charged = await rows<{ epoch: number }>(`select epoch from ledger where run_id = '${midway}'`);
      return charged.length === 1 && Number(charged[0]?.epoch) > 1;
    });
  });

  test("G7 charges what was used between both dumps though its run is gone, frees what it held, and its sums are those of the ledger", async () => {
    const { status } = await ada.call("GET", `/agent/runs/${afterDocuments.run}`);
    expect(status).toBe(404);
    const charged = await rows(`select 1 from ledger where run_id = '${afterDocuments.run}'`);
    expect(charged).toHaveLength(1);
    await waitFor("no hold is left", async () => (await rows("select run_id from holds")).length === 0);
    const wrong =
      await rows(`select d.* from usage_days d where (requests, input_tokens, output_tokens, cost_micro) <>
      (select count(*), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cost_micro), 0)
      from ledger l where l.user_id = d.user_id and l.day = d.day)`);
    expect(wrong).toEqual([]);
  });

  test("has the settings that an admin had changed, which only NATS had", async () => {
    const owner = new Client(ada.url, (await readFile(join(folder, "core", "owner.key"), "utf8")).trim());
    const { body } = await owner.call<{ overrides: object; problems: string[] }>("GET", "/admin/config");
    expect(body).toMatchObject({ overrides: CONFIGURED, problems: [] });
    const { body: usage } = await ada.call<{ today: { limit: number } }>("GET", "/users/me/usage");
    expect(usage.today.limit).toBe(777);
  });

  test("G31 has an audit trail that is untouched, and goes on", async () => {
    const postgres = openPostgres({ url: restored.settings.POSTGRES_URL ?? "", name: "test" });
    const seals = sealsOf([restored.settings.JWT_SECRET ?? ""], "test");
    const { faults, heads } = await verifyAudit(
      new PostgresAudit(postgres, { writer: "test", seals }),
      [],
      seals,
    );
    await postgres.close();
    expect(faults).toEqual([]);
    expect(heads.length).toBeGreaterThan(1);
  });
});
