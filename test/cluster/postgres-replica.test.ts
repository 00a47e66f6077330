// Reports from a real streaming replica: read there while it follows, from the server itself while it is away or behind, and said once.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { inspectReplica } from "../../lib/cluster/postgres/inspect-postgres.ts";
import { startReplica } from "../support/servers/postgres-replica.ts";
import { beside, insert, type Tables, usePostgres } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const { server, opened, withThings } = usePostgres();
let replica: LocalServer;
beforeAll(async () => {
  replica = await startReplica(server());
});
afterAll(() => replica?.stop());

const onReplica = (url: string) => {
  const there = new URL(url);
  there.port = String(replica.port);
  return there.href;
};

/** Who answered, by its port. */
const who = (db: Kysely<unknown>) =>
  sql<{ port: number }>`select inet_server_port() as port`.execute(db).then(({ rows }) => rows[0]?.port);

async function reporting(replicaUrlOf: (url: string) => string = onReplica) {
  const { url } = await withThings();
  const said: string[] = [];
  // No test waits for a clock: as far behind as a machine may ever be.
  const options = { mostBehindMs: 600_000, onReplica: (words: string) => said.push(words) };
  const postgres = opened(url, { ...options, replicaUrl: replicaUrlOf(url) });
  await postgres.ready();
  const ids = () =>
    postgres.report((db: Kysely<Tables>) => db.selectFrom("things").select("id").orderBy("id").execute());
  /** The replica has all that was written. */
  const followed = () =>
    waitFor("the replica has all", async () => {
      const at = await beside(server().url, (client) => client.query("select pg_current_wal_lsn()::text at"));
      const behind = await beside(replica.url, (client) =>
        client.query("select pg_last_wal_replay_lsn() >= $1::pg_lsn as level", [at.rows[0].at]),
      );
      return behind.rows[0].level === true;
    });
  return { url, postgres, db: postgres.sql<Tables>(), said, ids, followed };
}

describe("reports", () => {
  test("are read from the replica, where nothing is written; everything else from the server", async () => {
    const { postgres, db, said, ids, followed } = await reporting();
    await insert(db, "a");
    await followed();
    expect(await ids()).toEqual([{ id: "a" }]);
    expect(await postgres.report(who)).toBe(replica.port);
    expect(await who(postgres.sql())).toBe(server().port);
    expect(said).toEqual([]);
  });

  test("without a replica are read from the server", async () => {
    const { postgres } = await withThings();
    expect(await postgres.report(who)).toBe(server().port);
  });

  test("come from the server while the replica is away, which is said once and keeps no start and no health", async () => {
    const port = await freePort();
    const { postgres, db, said, ids } = await reporting(() => `postgres://mj@127.0.0.1:${port}/postgres`);
    await insert(db, "a");
    for (let n = 0; n < 3; n += 1) expect(await ids()).toEqual([{ id: "a" }]);
    expect(said).toEqual([
      expect.stringMatching(/^reports are read from POSTGRES_URL: .*POSTGRES_REPLICA_URL.*cannot be reached/),
    ]);
    expect(await postgres.check()).toEqual([]);
  });

  test("that the replica breaks off are answered by the server", async () => {
    const { postgres, db, said, ids, followed } = await reporting();
    await insert(db, "a");
    await followed();
    await ids();
    await replica.kill();
    try {
      expect(await ids()).toEqual([{ id: "a" }]);
      expect(await postgres.report(who)).toBe(server().port);
      expect(said).toHaveLength(1);
    } finally {
      await replica.restart();
    }
  });

  test("come from the server while the replica is too far behind, and from it as soon as it has all again", async () => {
    const { url, postgres, db, followed } = await reporting();
    await insert(db, "a");
    await followed();
    const replay = (how: string) =>
      beside(replica.url, (client) => client.query(`select pg_wal_replay_${how}()`));
    const said: string[] = [];
    const onlyLevel = { mostBehindMs: -1, onReplica: (words: string) => said.push(words) };
    const strict = opened(url, { replicaUrl: onReplica(url), ...onlyLevel });
    await replay("pause");
    try {
      await insert(db, "b");
      expect(await strict.report(who)).toBe(server().port);
      expect(said).toEqual([expect.stringMatching(/it is \d+ s behind/)]);
      expect(await postgres.report(who)).toBe(replica.port);
    } finally {
      await replay("resume");
    }
    await waitFor("it is asked again", async () => (await strict.report(who)) === replica.port);
    expect(said[1]).toMatch(/POSTGRES_REPLICA_URL again/);
  });

  test("are not read from a replica of another database", async () => {
    const { postgres, said } = await reporting(() => onReplica(server().url));
    expect(await postgres.report(who)).toBe(server().port);
    expect(said).toEqual([expect.stringMatching(/it follows another database/)]);
  });

  test("are told to operators as they are", async () => {
    const { url, db, followed } = await reporting();
    await insert(db, "a");
    await followed();
    expect(await inspectReplica(url, onReplica(url))).toBeUndefined();
    expect(await inspectReplica(url, url)).toMatch(/it is no replica/);
    expect(await inspectReplica(url, onReplica(server().url))).toMatch(/it follows another database/);
    await expect(inspectReplica(url, "postgres://u:p@db/d")).rejects.toThrow(
      /POSTGRES_REPLICA_URL would send/,
    );
  });

  test("are not read from a server that follows nobody", async () => {
    const { postgres, said } = await reporting((url) => url);
    expect(await postgres.report(who)).toBe(server().port);
    expect(said).toEqual([expect.stringMatching(/it is no replica/)]);
  });

  test("that are wrong everywhere throw what the server says", async () => {
    const { postgres } = await reporting();
    await expect(postgres.report((db) => sql`select 1/0`.execute(db))).rejects.toThrow(/division by zero/);
  });
});
