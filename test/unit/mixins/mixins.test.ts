import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../contracts/access.ts";
import type { UserId } from "../../../contracts/ids.ts";
import { defineService } from "../../../lib/broker/define-service.ts";
import type { With } from "../../../lib/broker/mixin.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import { cache } from "../../../mixins/cache.ts";
import { durableWork } from "../../../mixins/durable-work.ts";
import { portsNeededBy } from "../../../mixins/ports.ts";
import { signals } from "../../../mixins/signals.ts";
import { sql } from "../../../mixins/sql.ts";
import { userData } from "../../../mixins/user-data.ts";
import { apiService } from "../../../services/api.service.ts";
import { nodesService } from "../../../services/nodes.service.ts";
import { quotaService } from "../../../services/quota.service.ts";
import { sessionsService } from "../../../services/sessions.service.ts";
import { usersService } from "../../../services/users.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../support/test-broker.ts";
import { waitFor } from "../../support/wait-for.ts";

let running: TestBroker | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
async function start(...schemas: Parameters<typeof startTestBroker>[0]): Promise<TestBroker> {
  running = await startTestBroker(schemas);
  return running;
}

const gateway = () => apiService({ host: "127.0.0.1", port: 0, hosts: [], origins: [], trustedProxies: [] });
/** The lock of the folder is on the database file, which it makes; what is opened as a database has something in it, or a log. */
const databases = (home: string) =>
  readdirSync(home).filter((name) => name.includes(".db") && statSync(join(home, name)).size > 0);

test("a process with the gateway alone opens no database, and opens one as soon as a service declares that it has tables", async () => {
  const { home, broker } = await start(gateway());
  expect(await broker.core.ports.check()).toEqual([]);
  expect(databases(home)).toEqual([]);
  await broker.stop();
  await broker.core.ports.close();
  expect(databases(home)).toEqual([]);
  await running?.stop();
  const both = await start(gateway(), quotaService());
  expect(databases(both.home)).not.toEqual([]);
});

test("nothing can be opened once the ports are closed", async () => {
  const { broker, home } = await start(gateway());
  await broker.core.ports.close();
  expect(() => broker.core.ports.sql()).toThrow(/shutting down/);
  expect(databases(home)).toEqual([]);
});

test("a service has the ports that its mixins declare, and no other", async () => {
  const MIXINS = [cache, signals] as const;
  type Declared = With<typeof MIXINS>;
  const service = defineService<"declares", Declared>({ name: "declares", mixins: MIXINS });
  const { broker } = await start(service);
  const { ports } = broker.getLocalService("declares") as Declared;
  expect(Object.keys(ports).toSorted()).toEqual(["cache", "counters", "signals"]);
  // @ts-expect-error no mixin declares it
  expect(ports.work).toBeUndefined();
});

test("a service's tables are there before it starts", async () => {
  const MIXINS = [
    sql<{ things: { id: string } }>({
      "001": {
        async up(db) {
          await db.schema.createTable("things").addColumn("id", "text").execute();
        },
      },
    }),
  ] as const;
  type Tabled = With<typeof MIXINS> & { found: unknown };
  const service = defineService<"tabled", Tabled>({
    name: "tabled",
    mixins: MIXINS,
    async started() {
      this.found = await this.sql.selectFrom("things").select("id").execute();
    },
  });
  const { broker } = await start(service);
  expect((broker.getLocalService("tabled") as Tabled).found).toEqual([]);
});

test("what a service listens to ends with it", async () => {
  const heard: unknown[] = [];
  const listener = defineService<"listener", With<[typeof signals]>>({
    name: "listener",
    mixins: [signals],
    async started() {
      this.ports.signals.subscribe("said", (data) => heard.push(data));
    },
  });
  const { broker } = await start(listener);
  const all: Signals = broker.core.ports.signals;
  all.publish("said", 1);
  await broker.destroyService("listener");
  all.publish("said", 2);
  expect(heard).toEqual([1]);
});

test("a service that has stopped picks up no more work: it waits for the next start", async () => {
  const done: unknown[] = [];
  const worker = () =>
    defineService<"worker", With<[typeof durableWork]>>({
      name: "worker",
      mixins: [durableWork],
      async started() {
        this.ports.work.handle("q", async ({ payload }) => void done.push(payload));
      },
    });
  const { broker } = await start(worker());
  const { work } = broker.core.ports;
  await work.add({ queue: "q", payload: "first" });
  await waitFor("the first", () => done.length === 1);
  await broker.destroyService("worker");
  await work.add({ queue: "q", payload: "second" });
  const other: unknown[] = [];
  work.handle("other", async () => void other.push("looked"));
  await work.add({ queue: "other", payload: null });
  await waitFor("a queue that was looked at later", () => other.length === 1);
  expect(done).toEqual(["first"]);
  broker.createService(worker());
  await waitFor("the second", () => done.length === 2);
});

test("the data of a user is removed for services only", async () => {
  const removed: UserId[] = [];
  const keeper = {
    name: "quota",
    mixins: [
      userData<With<[]>>({
        async remove(user) {
          removed.push(user);
        },
      }),
    ],
  };
  const { as } = await start(keeper);
  const user = aUser();
  const ask = (caller: Caller) => as(caller, "quota.removeUser", { user_id: user.user_id });
  await expect(ask(user)).rejects.toMatchObject({ type: "forbidden" });
  expect(await ask({ ...user, service: "users" })).toBeNull();
  expect(removed).toEqual([user.user_id]);
});

describe("what services take from their process", () => {
  test("is known from their mixins, before anything is opened", () => {
    const settings = { secrets: ["s".repeat(32)], registration: "open" as const };
    expect(portsNeededBy([nodesService({ hostTools: "owner" })])).toEqual(
      new Set([
        ...["sql", "report", "migrate", "work", "outlet"],
        ...["moments", "audit", "signals", "cache", "counters"],
      ] as never[]),
    );
    expect(portsNeededBy([sessionsService()])).toEqual(
      new Set(["documents", "objects", "moments", "signals", "work", "outlet"]),
    );
    expect(portsNeededBy([usersService(settings)])).toEqual(
      new Set([
        ...[
          "sql",
          "report",
          "migrate",
          "moments",
          "audit",
          "work",
          "signals",
          "cache",
          "counters",
          "locks",
          "outlet",
        ],
      ] as never[]),
    );
  });
});
