// Opening PostgreSQL: the URL, TLS, a server that is away or not the one that is needed, migrations, and the end.
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import { ownerBesidesRoot } from "../../bin/cluster/servers/owner.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { makeCertificate } from "../support/servers/certificate.ts";
import { beside, killOthers, one, QUICK, UNAVAILABLE, usePostgres } from "../support/use-postgres.ts";

const { server, opened, withThings } = usePostgres();
/** For a server that nobody waits for until it is there. */
const AWAY = { startPatienceMs: 500, patience: QUICK };

describe("the URL", () => {
  const words = (url: string) => () => openPostgres({ url, name: "test" });

  test.each([
    [
      "postgres://u:secret@db.example.com/d",
      /would send passwords and data to db\.example\.com.*sslmode=verify-full/,
    ],
    ["postgres://u:secret@10.0.0.1/d?sslmode=disable", /would send passwords/],
    ["postgres://u:secret@10.0.0.1/d?sslmode=prefer", /would send passwords/],
    ["postgres://u:secret@10.0.0.1/d?sslmode=no-verify", /would send passwords/],
    ["postgres://u:secret@10.0.0.1/d?ssl=true", /would send passwords/],
    ["postgres://u:secret@127.0.0.1/d?host=10.0.0.1", /would send passwords/],
    ["postgres://u:secret@127.evil.example/d", /would send passwords/],
    ["postgres://u:secret@db/d?sslmode=full", /sslmode=full is none/],
    [
      "postgres://u:secret@db/d?sslmode=verify-full&sslrootcert=/no/ca.pem",
      /\/no\/ca\.pem cannot be read \(ENOENT\)/,
    ],
    ["mysql://u:secret@127.0.0.1/d", /must be like postgres:/],
    ["not a url with secret", /must be like postgres:/],
    ["postgres://127.0.0.1/d", /must name a user/],
    ["postgres://u:secret@127.0.0.1", /must name a user, a host and a database/],
  ])("%s is refused in words that hold no password", (url, expected) => {
    expect(words(url)).toThrow(expected);
    expect(words(url)).not.toThrow(/secret/);
  });

  test.each([
    "postgres://u@127.0.0.1/d",
    "postgresql://u:p@localhost:6000/d",
    "postgres://u@[::1]/d?sslmode=disable",
    "postgres://u:p@localhost/d?host=/var/run/postgresql",
    "postgres://u:p@db.example.com/d?sslmode=require",
    "postgres://u:p@db.example.com/d?sslmode=verify-full",
  ])("%s is taken", async (url) => {
    await openPostgres({ url, name: "test" }).close();
  });
});

test("over TLS a server is asked only when its certificate is the one it should be", async () => {
  const certificate = makeCertificate(ownerBesidesRoot());
  const secure = await startPostgres({
    ssl: "on",
    ssl_cert_file: certificate.cert,
    ssl_key_file: certificate.key,
  });
  try {
    const postgres = opened(`${secure.url}?sslmode=verify-full&sslrootcert=${certificate.cert}`);
    await postgres.ready();
    const seen = await sql<{
      ssl: boolean;
    }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(postgres.sql());
    expect(seen.rows).toEqual([{ ssl: true }]);
    await expect(opened(`${secure.url}?sslmode=require`).ready()).rejects.toThrow(
      /certificate is not for it/,
    );
    await expect(opened(`${server().url}?sslmode=require`).ready()).rejects.toThrow(/does not speak TLS/);
  } finally {
    await secure.stop();
    await rm(certificate.folder, { recursive: true });
  }
});

describe("at the start", () => {
  test("a server that is away is waited for, and then said in words", async () => {
    const port = await freePort();
    const begun = performance.now();
    await expect(opened(`postgres://mj@127.0.0.1:${port}/postgres`, AWAY).ready()).rejects.toThrow(
      "PostgreSQL (POSTGRES_URL): The database cannot be used now: it cannot be reached (ECONNREFUSED). Try again.",
    );
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test("a server that comes is waited for", async () => {
    const late = await startPostgres();
    await late.kill();
    const postgres = opened(late.url);
    const ready = postgres.ready();
    await late.restart();
    await ready;
    await postgres.close();
    await late.stop();
  });

  test.each([
    ["user", (url: string) => url.replace("mj@", "nobody:secret@"), /refuses the user or the password/],
    ["database", (url: string) => url.replace(/\w+$/, "nowhere"), /database of its URL does not exist/],
  ])("a wrong %s is said at once", async (_what, wrong, words) => {
    const error = await opened(wrong(server().url), { startPatienceMs: 600_000 })
      .ready()
      .catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(words);
    expect(String(error)).not.toMatch(/secret/);
  });

  test("a database that is encoded otherwise, or can only be read, is refused in words", async () => {
    await beside(server().url, (client) =>
      client.query("create database latin encoding 'LATIN1' locale 'C' template template0"),
    );
    await expect(opened(server().url.replace(/\w+$/, "latin")).ready()).rejects.toThrow(/encoded in LATIN1/);
    const url = await newDatabase(server());
    const name = new URL(url).pathname.slice(1);
    await beside(url, (client) =>
      client.query(`alter database ${name} set default_transaction_read_only = on`),
    );
    await expect(opened(url).ready()).rejects.toThrow(/can only be read/);
  });

  test("a server that hears and says nothing is given up in bounded time", async () => {
    const sockets: Socket[] = [];
    const mute: Server = createServer((socket) => sockets.push(socket));
    const port = await freePort();
    await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
    await expect(opened(`postgres://mj@127.0.0.1:${port}/postgres`, AWAY).ready()).rejects.toThrow(
      /cannot be reached/,
    );
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});

describe("migrations", () => {
  test("of eight processes at once each run once", async () => {
    const url = await newDatabase(server());
    let ran = 0;
    const migrations = {
      "1": {
        async up(db: Kysely<unknown>) {
          ran += 1;
          await db.schema.createTable("once").addColumn("id", "text").execute();
        },
      },
    };
    const all = Array.from({ length: 8 }, (_, n) => opened(url, { name: `p${n}`, connections: 1 }));
    await Promise.all(all.map((postgres) => postgres.migrate("s", migrations)));
    expect(ran).toBe(1);
  });

  test("of a process that is cut off leave nothing, and the next one does them", async () => {
    const url = await newDatabase(server());
    const slow = (during: () => Promise<unknown>) => ({
      "1": {
        async up(db: Kysely<unknown>) {
          await db.schema.createTable("once").addColumn("id", "text").execute();
          await during();
        },
      },
    });
    const [first, second] = [opened(url), opened(url)];
    const cut = first.migrate(
      "s",
      slow(() => killOthers(url)),
    );
    await expect(cut).rejects.toMatchObject(UNAVAILABLE);
    await second.migrate(
      "s",
      slow(async () => undefined),
    );
  });
});

describe("close", () => {
  test("lets what runs end, can be repeated, and refuses what comes behind it in words", async () => {
    const { postgres, db } = await withThings();
    const running = sql`select pg_sleep(0.3)`.execute(db);
    await one(db);
    await Promise.all([running, postgres.close(), postgres.close()]);
    await expect(one(db)).rejects.toMatchObject(UNAVAILABLE);
    await expect(postgres.migrate("things", {})).rejects.toMatchObject(UNAVAILABLE);
    const left = await beside(server().url, (client) =>
      client.query("select 1 from pg_stat_activity where application_name = 'test'"),
    );
    expect(left.rows).toEqual([]);
  });

  test("does not wait for a server that says nothing", async () => {
    const { postgres, db } = await withThings();
    await one(db);
    await server().pause();
    await postgres.close();
    server().resume();
  });
});
