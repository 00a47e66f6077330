// What an operator of a cluster can get wrong: each start ends in a sentence that says what to do, and what already runs goes on.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { RunStream } from "../../lib/cluster/nats/events/run-stream.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { noSmallDisk, SmallDisk } from "../support/small-disk.ts";
import type { TestServer } from "../support/start-server.ts";
import { tryToStart } from "../support/starts.ts";
import type { Outcome } from "../support/try-to-start.ts";
import { describeUnless } from "../support/unless.ts";
import { beside as besideMongo } from "../support/use-mongo.ts";
import { beside } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const SLOW_CLOCK = pathToFileURL(join(ROOT, "test/support/slow-clock.ts")).href;
const NEWER = /newer MacJarvis.*Update MacJarvis/s;

/** Chats at a full disk that have no answer yet: some find the room that is left. */
const MOST_WAITING = 30;

type Fault = { name: string; env: Record<string, string>; said: RegExp | null };

let cluster: Cluster;
let core: TestServer;
let agent: TestServer;
let folder: string;
let disk: SmallDisk | undefined;
let faults: Fault[];
const outcomes = new Map<string, Outcome>();

/** The cluster's, with another path, user or port. */
function changed(url: string, change: Partial<URL>): string {
  return Object.assign(new URL(url), change).href;
}

async function faultsOf({ settings, servers }: Cluster): Promise<Fault[]> {
  const { NATS_URL = "", POSTGRES_URL = "", MONGO_URL = "" } = settings;
  const newer = otherDatabase(servers.mongo.url);
  await besideMongo(newer, (client) =>
    client
      .db()
      .collection<{ _id: string; version: number }>("forms")
      .insertOne({ _id: "documents", version: 99 }),
  );
  return [
    {
      name: "NATS: a scheme",
      env: { NATS_URL: "http://127.0.0.1" },
      said: /NATS_URL begins with http:.*nats:\/\//,
    },
    {
      name: "NATS: no such host",
      env: { NATS_URL: "tls://nowhere.invalid:4222" },
      said: /name of the host is not known.*Correct NATS_URL/,
    },
    {
      name: "NATS: nobody there",
      env: { NATS_URL: changed(NATS_URL, { port: "1" }) },
      said: /refused. Start nats-server, or correct NATS_URL/,
    },
    {
      name: "PostgreSQL: a scheme",
      env: { POSTGRES_URL: "mysql://a@127.0.0.1/b" },
      said: /POSTGRES_URL must be like postgres:/,
    },
    {
      name: "PostgreSQL: a user",
      env: { POSTGRES_URL: changed(POSTGRES_URL, { username: "nobody" }) },
      said: /POSTGRES_URL\).*refuses the user or the password/,
    },
    {
      name: "PostgreSQL: a database",
      env: { POSTGRES_URL: changed(POSTGRES_URL, { pathname: "/nowhere" }) },
      said: /POSTGRES_URL\).*does not exist/,
    },
    { name: "PostgreSQL: newer tables", env: { SERVICES: "quota" }, said: NEWER },
    {
      name: "MongoDB: a scheme",
      env: { SERVICES: "agent", MONGO_URL: "http://127.0.0.1" },
      said: /MONGO_URL.*mongodb:/,
    },
    { name: "MongoDB: newer documents", env: { SERVICES: "agent", MONGO_URL: newer }, said: NEWER },
    {
      name: "JWT_SECRET: another",
      env: { SERVICES: "tools", JWT_SECRET: "z".repeat(40) },
      said: /another JWT_SECRET.*same for all/,
    },
    {
      name: "two clusters on one NATS",
      env: { SERVICES: "tools", POSTGRES_URL: await newDatabase(servers.postgres) },
      said: /Two clusters are on one NATS.*another PostgreSQL.*NATS server of its own/,
    },
    {
      name: "Redis: nobody there",
      env: { SERVICES: "sessions", REDIS_URL: "redis://127.0.0.1:1" },
      said: null,
    },
    // Those that wait for a server to come.
    {
      name: "PostgreSQL: nobody there",
      env: { POSTGRES_URL: changed(POSTGRES_URL, { port: "1" }) },
      said: /POSTGRES_URL\).*cannot be reached \(ECONNREFUSED\)/,
    },
    {
      name: "MongoDB: nobody there",
      env: { SERVICES: "agent", MONGO_URL: changed(MONGO_URL, { port: "1" }) },
      said: /MONGO_URL\).*cannot be reached/,
    },
  ];
}

const WAITING = /(PostgreSQL|MongoDB): nobody/;

async function tryAll(some: Fault[]): Promise<void> {
  const tries = some.map(({ name, env }) => ({
    home: join(folder, name.replaceAll(/\W+/g, "-")),
    env: { ...cluster.settings, SERVICES: "quota", ...env },
  }));
  for (const [index, outcome] of (await tryToStart(tries)).entries())
    outcomes.set(some[index]?.name ?? "", outcome);
}

const NEW_STEP = "insert into migrations_quota (name, timestamp) values ('2999-01-01-new', '2999')";

beforeAll(async () => {
  cluster = await startCluster();
  if (noSmallDisk === undefined) {
    const { postgres } = cluster.servers;
    await postgres.kill();
    disk = new SmallDisk(join(postgres.folder, "data"), 512);
    await postgres.restart();
  }
  folder = await mkdtemp(join(tmpdir(), "macjarvis-bad-"));
  core = await cluster.add("api,users,quota,sessions,tools,nodes,node");
  agent = await cluster.add("agent", { NODE_OPTIONS: `--import ${SLOW_CLOCK}` });
  await beside(cluster.settings.POSTGRES_URL ?? "", (client) => client.query(NEW_STEP));
  faults = await faultsOf(cluster);
  const waits = faults.filter(({ name }) => WAITING.test(name));
  await Promise.all([
    tryAll(faults.filter((fault) => !waits.includes(fault))),
    ...waits.map((fault) => tryAll([fault])),
  ]);
  await beside(cluster.settings.POSTGRES_URL ?? "", (client) =>
    client.query("delete from migrations_quota where name like '2999%'"),
  );
});
afterAll(async () => {
  await cluster.servers.postgres.kill();
  disk?.remove();
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const ready = (want: number) =>
  waitFor(`health/ready says ${want}`, async () => {
    const answer = await new Client(core.url).call<{ missing?: string[] }>("GET", "/health/ready");
    return answer.status === want && answer;
  });

describe("a process that cannot take part in the cluster", () => {
  test("says why and what to do, in one sentence, and leaves nothing open", () => {
    const wrong = faults.flatMap(({ name, said }) => {
      const { message, open, lock, listening } = outcomes.get(name) as Outcome;
      const isSaid = said === null ? message === null : said.test(message ?? "");
      const isClean = open.length === 0 && lock === undefined && !listening && !/^ +at /m.test(message ?? "");
      return isSaid && isClean ? [] : [{ name, message, open, lock, listening }];
    });
    expect(wrong).toEqual([]);
  });

  test("ends with a code that is not 0, and prints no stack", () => {
    const env = environment({
      ...cluster.settings,
      MACJARVIS_HOME: join(folder, "ends"),
      SERVICES: "tools",
      JWT_SECRET: "z".repeat(40),
    });
    const { status, stderr, stdout } = spawnSync(join(ROOT, "node_modules/.bin/node"), ["bin/start.ts"], {
      ...{ cwd: ROOT, env, encoding: "utf8" },
    });
    expect([status, stderr.split("\n")[0]]).toEqual([1, "MacJarvis could not start."]);
    expect(stderr).toMatch(/another JWT_SECRET/);
    expect(stdout + stderr).not.toMatch(/^ +at /m);
  });

  test("is not heard by those that are there: they go on", async () => {
    await ready(200);
    expect(core.output()).not.toMatch(/Two clusters|another JWT_SECRET/);
  });

  test("finds events of runs that a newer version stores, and leaves them as they are", async () => {
    const nats = await openNats({ url: cluster.servers.nats.url, name: "test" });
    const manager = await jetstreamManager(nats.connection);
    const options = { stream: "NEWER", prefix: "newer" };
    await RunStream.open(nats, options);
    await RunStream.open(nats, options);
    await manager.streams.update("NEWER", { metadata: { "macjarvis-form": "99" } });
    await expect(RunStream.open(nats, options)).rejects.toThrow(NEWER);
    expect((await manager.streams.info("NEWER")).config.metadata?.["macjarvis-form"]).toBe("99");
    await nats.close();
  });
});

describe("a machine whose clock is five minutes behind", () => {
  test("is told so at the start, and its runs are accepted, worked, charged and over like all others", async () => {
    await waitFor("it is said", () =>
      // By how much it is ahead at least: of an answer that was long on its way less.
      /clock of PostgreSQL is (29\d|300) s ahead.*Set both right/.test(agent.output()),
    );
    const user = await register(core.url);
    cluster.fake.script([{ text: ["right ", "on time"] }] as never);
    const told = await user.chat({ message: "what time is it?" });
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    await beside(cluster.settings.POSTGRES_URL ?? "", (client) =>
      waitFor("nothing is held", async () => (await client.query("select 1 from holds")).rowCount === 0),
    );
    expect(agent.output()).not.toMatch(/identity of the call has expired/);
  });
});

describeUnless(noSmallDisk)("a full disk under PostgreSQL", () => {
  test("what cannot be stored is refused with 503 and Retry-After, reading goes on, and nothing that was accepted is lost", async () => {
    const user = await register(core.url);
    const owner = new Client(core.url, await core.ownerKey());
    await owner.call("PATCH", `/admin/users/${user.id}`, { plan: "enterprise" });
    const accepted: string[] = [];
    const chat = async () => {
      const answer = await user.call<{ session_id: string }>("POST", "/agent/chat/sync", {
        message: "keep it",
      });
      if (answer.status === 200) accepted.push(answer.body.session_id);
      return answer;
    };
    cluster.fake.script();
    expect((await chat()).status).toBe(200);
    disk?.fill();
    // One that was accepted just before waits until its end can be stored: nobody waits for it here.
    const asked: Promise<unknown>[] = [];
    const answers: Awaited<ReturnType<typeof chat>>[] = [];
    const refused = await waitFor("something is refused", () => {
      if (asked.length - answers.length < MOST_WAITING)
        asked.push(chat().then((answer) => answers.push(answer)));
      return answers.find(({ status }) => status === 503);
    });
    expect([refused.status, (refused.body as unknown as { code: string }).code]).toEqual([
      503,
      "store_unavailable",
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await user.call("GET", "/sessions")).status).toBe(200);
    disk?.makeRoom();
    await Promise.all(asked);
    await waitFor("a chat is accepted again", async () => (await chat()).status === 200);
    for (const id of accepted) {
      const { body } = await user.call<{ messages: { content: string }[] }>(
        "GET",
        `/sessions/${id}/messages`,
      );
      expect(body.messages.map(({ content }) => content)).toEqual(["keep it", "echo: keep it"]);
    }
  });
});

describe("a server that goes while the cluster runs", () => {
  test.each(["postgres", "mongo", "nats"] as const)(
    "%s: not ready and 503 with Retry-After, and well again by itself",
    async (name) => {
      const user = await register(core.url);
      await cluster.servers[name].kill();
      expect((await ready(503)).body.missing?.join()).toMatch(/PostgreSQL|MongoDB|NATS|agent/);
      const refused = await user.call("POST", "/agent/chat", { message: "no" });
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      await cluster.servers[name].restart();
      await ready(200);
      cluster.fake.script([{ text: ["back"] }] as never);
      await waitFor("a chat is accepted again", async () => {
        const { status } = await user.call("POST", "/agent/chat/sync", { message: "are you there?" });
        return status === 200;
      });
    },
  );
});
