// A move that is killed, at points by chance and at one that is chosen, and is begun again: the cluster has all of it once, and no process
// of ours begins on half of it before.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import { liveIn } from "../support/lived-in-home.ts";
import { randomOf } from "../support/random.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { startServer } from "../support/start-server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const SEED = 20_261_129;
const KILLS = 5;

let cluster: Cluster;
let original: string;
beforeAll(async () => {
  cluster = await startCluster();
  const { NATS_URL, POSTGRES_URL, MONGO_URL, REDIS_URL, JWT_SECRET, ...alone } = cluster.settings;
  const { server } = await liveIn(alone, cluster.fake);
  await server.kill("SIGTERM");
  original = server.home;
});
afterAll(async () => {
  await cluster.stop();
  await rm(original, { recursive: true, force: true });
});

const opened: (() => unknown)[] = [];
let proxies: TcpProxy[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  proxies = [];
});

/** Between what a move has said and its end there is time to kill it, however slow the machine of the test is. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  for (const proxy of proxies) proxy.delay(50);
  try {
    return await work();
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.heal()));
  }
}

type Env = Record<string, string>;

/** Empty stores behind proxies that tell of each piece on its way to them, and a copy of the data folder. */
async function newPlace(onPiece: () => void): Promise<Env & { MACJARVIS_HOME: string }> {
  const nats = await startNats();
  opened.push(() => nats.stop());
  const { servers, settings } = cluster;
  const through = async ({ port }: LocalServer, url: string) => {
    const proxy: TcpProxy = await startTcpProxy(port, (to) => to === "server" && onPiece());
    proxies.push(proxy);
    opened.push(() => proxy.stop());
    return url.replace(`:${port}`, `:${proxy.port}`);
  };
  const mongo = otherDatabase(servers.mongo.url).replace(/replicaSet=[^&]*/, "directConnection=true");
  const home = await mkdtemp(join(tmpdir(), "macjarvis-moved-"));
  opened.push(() => rm(home, { recursive: true, force: true }));
  await cp(original, home, { recursive: true });
  return {
    MACJARVIS_HOME: home,
    NATS_URL: await through(nats, nats.url),
    POSTGRES_URL: await through(servers.postgres, await newDatabase(servers.postgres)),
    MONGO_URL: await through(servers.mongo, mongo),
    REDIS_URL: settings.REDIS_URL ?? "",
  };
}

type Ended = { code: number | null; output: string };

/** @param onOutput told all it has said so far; what it answers true to kills it */
function migrate(env: Env, onOutput: (output: string) => boolean = () => false) {
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  const options = { cwd: ROOT, env: environment(env) };
  const child = execFile(NODE, ["bin/migrate.ts", "--to", "cluster"], options, (_error, stdout, stderr) =>
    resolve({ code: child.exitCode, output: stdout + stderr }),
  );
  let said = "";
  child.stdout?.on("data", (words: string) => {
    said += words;
    if (onOutput(said)) child.kill("SIGKILL");
  });
  return { ended, kill: () => child.kill("SIGKILL") };
}

/** The rows of the table that compares both sides. */
const compared = (output: string) => output.split("\n").filter((line) => / same$/.test(line));

describe("a move that is broken off", () => {
  test(`is killed at ${KILLS} points by chance, begun again, and ends as one that was not`, async () => {
    let pieces = 0;
    const whole = await migrate(await newPlace(() => (pieces += 1))).ended;
    expect(whole.code).toBe(0);
    const [expected, all] = [compared(whole.output), pieces];
    expect(expected.length).toBeGreaterThan(15);
    const random = randomOf(SEED);
    let broken = 0;
    for (let n = 0; n < KILLS; n += 1) {
      const at = 1 + Math.floor(random() * all);
      let kill = () => true;
      pieces = 0;
      const env = await newPlace(() => {
        pieces += 1;
        if (pieces === at) kill();
      });
      const first = migrate(env);
      kill = first.kill;
      const killed = await first.ended;
      const isDone = existsSync(join(env.MACJARVIS_HOME, "moved-to-cluster"));
      if (killed.code === null) broken += 1;
      const { code, output } = isDone ? killed : await migrate(env).ended;
      if (!isDone) expect(code).toBe(0);
      // One that was killed behind its last step has compared, and needs no second look.
      if (!output.includes("moved and compared before"))
        expect({ at, rows: compared(output) }).toEqual({ at, rows: expected });
    }
    expect(broken).toBeGreaterThan(2);
  });

  test("leaves a cluster that no process of ours begins on, and says so", async () => {
    const env = await newPlace(() => undefined);
    const killed = await slowly(() => migrate(env, (output) => output.includes("users: 2")).ended);
    expect(killed.code).toBeNull();
    const home = await mkdtemp(join(tmpdir(), "macjarvis-early-"));
    opened.push(() => rm(home, { recursive: true, force: true }));
    const { MACJARVIS_HOME: _moved, ...urls } = env;
    const start = startServer({ ...cluster.settings, ...urls, SERVICES: "users,quota" }, { home });
    await expect(start).rejects.toThrow(
      /A data folder is being moved into this cluster, and not all of it is here yet/,
    );
    const { code, output } = await migrate(env).ended;
    expect(output).toMatch(/Going on with the move that was begun before/);
    expect(code).toBe(0);
  });
});

describe("the comparison at the end", () => {
  test("finds what somebody else has written into the cluster meanwhile, and does not call it moved", async () => {
    const env = await newPlace(() => undefined);
    await slowly(() => migrate(env, (output) => output.includes("users: 2")).ended);
    const client = new pg.Client(env.POSTGRES_URL);
    await client.connect();
    await client
      .query("insert into nodes values ('nod_foreign', 'x', '{}', 0, 'now')")
      .finally(() => client.end());
    const { code, output } = await migrate(env).ended;
    expect(output).toMatch(/^nodes +1 +2 +[0-9a-f]{12} +DIFFERENT$/m);
    expect(output).toMatch(/does not have what the data folder has: nodes. Do not start it/);
    expect(code).toBe(1);
    expect(existsSync(join(env.MACJARVIS_HOME, "moved-to-cluster"))).toBe(false);
  });
});

describe("what is not moved", () => {
  const refused = async (break_: (home: string) => Promise<void>, words: RegExp) => {
    const env = await newPlace(() => undefined);
    await break_(env.MACJARVIS_HOME);
    const { code, output } = await migrate(env).ended;
    expect(output).toMatch(words);
    expect(code).toBe(1);
    expect(existsSync(join(env.MACJARVIS_HOME, "moved-to-cluster"))).toBe(false);
  };
  const sql = (statement: string) => async (home: string) => {
    const db = new DatabaseSync(join(home, "macjarvis.db"));
    db.exec(statement);
    db.close();
  };

  test("a folder whose database is damaged, with the word to run doctor", () =>
    refused(async (home) => {
      const path = join(home, "macjarvis.db");
      const bytes = await readFile(path);
      bytes.fill(0x5a, 3 * 4_096, 9 * 4_096);
      await writeFile(path, bytes);
    }, /is damaged: .*Run npm run doctor/s));

  test("a folder whose events are damaged", () =>
    refused(async (home) => {
      const [name = ""] = (await readdir(join(home, "events"))).filter((each) => each.endsWith(".log"));
      await appendFile(join(home, "events", name), "this is no event\n");
    }, /\.log is damaged at byte \d+.*Run npm run doctor/s));

  test("a folder of a newer version", () =>
    refused(
      sql("INSERT INTO migrations_users (name, timestamp) VALUES ('999-later', 'now')"),
      /was written by a newer MacJarvis/,
    ));

  test("a folder of an older version, which this one has to bring up to date first", () =>
    refused(
      sql("DELETE FROM migrations_quota WHERE name = '2026-11-28-overrides'"),
      /by an older MacJarvis/,
    ));

  test("a folder with stores that are not known", () =>
    refused(sql("CREATE TABLE later (id TEXT PRIMARY KEY)"), /tables that no cluster .* has: later/));

  test("a folder whose audit trail was tampered with", () =>
    refused(
      sql("UPDATE audit SET details = '{}' WHERE seq = 2"),
      /The audit trail is not as it was written: embedded row 2/,
    ));

  test("a value that PostgreSQL cannot keep, before anything is moved", () =>
    refused(
      sql("UPDATE nodes SET is_host = 'yes'"),
      /A row of nodes cannot be moved: PostgreSQL cannot keep its is_host/,
    ));
});
