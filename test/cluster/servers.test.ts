// The servers that the cluster tests start: that each is the real one, keeps what it should, and leaves nothing behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Redis } from "ioredis";
import { connect, type NatsConnection } from "nats";
import pg from "pg";
import { firstAnswer } from "../../bin/cluster/servers/first-answer.ts";
import { isFree } from "../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { familyOf, isAlive } from "../../bin/cluster/servers/process-family.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import { startS3 } from "../support/servers/s3.ts";
import type { Started } from "../support/servers/start-and-stay.ts";
import { waitFor } from "../support/wait-for.ts";

type Kind = {
  name: string;
  start(): Promise<LocalServer>;
  /** Both over a connection of their own. */
  write(url: string, value: string): Promise<unknown>;
  read(url: string): Promise<string | null | undefined>;
};

async function withPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  return work(client).finally(() => client.end());
}

async function withRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  return work(client).finally(() => client.disconnect());
}

async function withNats<T>(url: string, work: (client: NatsConnection) => Promise<T>): Promise<T> {
  const client = await connect({ servers: url });
  return work(client).finally(() => client.close());
}

const writeToStream = (url: string, value: string) =>
  withNats(url, async (client) => {
    const manager = await jetstreamManager(client);
    await manager.streams.add({ name: "KEPT", subjects: ["kept.>"] });
    await jetstream(client).publish("kept.one", value);
  });

const readFromStream = (url: string) =>
  withNats(url, async (client) => {
    const manager = await jetstreamManager(client);
    const message = await manager.streams.getMessage("KEPT", { last_by_subj: "kept.one" });
    return message?.string();
  });

const kinds: Kind[] = [
  {
    name: "PostgreSQL",
    start: startPostgres,
    write: (url, value) =>
      withPostgres(url, async (client) => {
        await client.query("CREATE TABLE kept (value text)");
        await client.query("INSERT INTO kept VALUES ($1)", [value]);
      }),
    read: (url) =>
      withPostgres(url, async (client) => (await client.query("SELECT value FROM kept")).rows[0]?.value),
  },
  {
    name: "Redis",
    start: startRedis,
    write: (url, value) => withRedis(url, (client) => client.set("kept", value)),
    read: (url) => withRedis(url, (client) => client.get("kept")),
  },
  {
    name: "S3",
    start: startS3,
    write: async (url, value) => {
      await fetch(`${url}/bucket`, { method: "PUT" });
      await fetch(`${url}/bucket/kept`, { method: "PUT", body: value });
    },
    read: async (url) => (await fetch(`${url}/bucket/kept`)).text(),
  },
  { name: "NATS", start: startNats, write: writeToStream, read: readFromStream },
  {
    name: "NATS 2.10",
    start: () => startNats({ generation: "2.10" }),
    write: writeToStream,
    read: readFromStream,
  },
];

describe.each(kinds)("$name", ({ name, start, write, read }) => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await start();
    process.stderr.write(`tested on ${name} ${server.version}\n`);
  });
  afterAll(() => server.stop());

  test("keeps what was written over a restart and over a kill, on the same port", async () => {
    const { url, pid } = server;
    await write(url, "a value");
    expect(await read(url)).toBe("a value");
    await server.restart();
    expect(await read(url)).toBe("a value");
    await server.kill();
    expect(await isFree(server.port)).toBe(true);
    await server.restart();
    expect(await read(url)).toBe("a value");
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
  });

  test("answers nothing while it is paused, and then all that was asked", async () => {
    await server.pause();
    let answered = false;
    const reading = read(server.url).finally(() => {
      answered = true;
    });
    expect(await firstAnswer(server.port, "", 300)).toBe("");
    expect(answered).toBe(false);
    server.resume();
    expect(await reading).toBe("a value");
  });

  test("leaves no process, no folder and a free port when it is stopped, also paused, and can be stopped twice", async () => {
    const { port, folder, pid } = server;
    const family = familyOf(pid);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(folder)).toBe(true);
    await server.pause();
    await server.stop();
    expect(family.filter(isAlive)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(await isFree(port)).toBe(true);
    await server.stop();
  });
});

test("servers go with their data when whoever started them is killed", async () => {
  const script = join(import.meta.dirname, "../support/servers/start-and-stay.ts");
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { pids, folders } = JSON.parse(line.toString()) as Started;
  expect(pids.length).toBeGreaterThan(2);
  expect(pids.every(isAlive)).toBe(true);
  child.kill("SIGKILL");
  await waitFor("all processes are gone", () => !pids.some(isAlive));
  await waitFor("the data are gone", () => !folders.some((folder) => existsSync(folder)));
});

test("what is not on this machine is named all at once, with the way to get it", async () => {
  const { PATH, MACJARVIS_TEST_SERVERS } = process.env;
  process.env.PATH = "";
  process.env.MACJARVIS_TEST_SERVERS = "/nowhere";
  try {
    await expect(startRedis()).rejects.toThrow(
      /that are not here: .*Redis 7 or newer.*, nats-server 2\.10 .*\n.*\.ci\/install-servers .*\/nowhere/,
    );
  } finally {
    process.env.PATH = PATH;
    if (MACJARVIS_TEST_SERVERS === undefined) delete process.env.MACJARVIS_TEST_SERVERS;
    else process.env.MACJARVIS_TEST_SERVERS = MACJARVIS_TEST_SERVERS;
  }
});
