// G31 on PostgreSQL: a chain for each writer, sealed; writers at once, one that starts again, one that is cut off, and somebody who
// changes rows.
import { describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import type { UserId } from "../../contracts/ids.ts";
import { sealsOf, verifyAudit } from "../../lib/audit/chain.ts";
import { clusterMoments } from "../../lib/cluster/moments.ts";
import type { AuditTables } from "../../lib/cluster/postgres/audit-migrations.ts";
import type { Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { PostgresAudit } from "../../lib/cluster/postgres/postgres-audit.ts";
import { AppError } from "../../lib/errors.ts";
import type { AuditEntry } from "../../lib/ports/audit.ts";
import { auditContract } from "../support/contracts/audit-contract.ts";
import { tapped } from "../support/tapped-postgres.ts";
import { killOthers, UNAVAILABLE, usePostgres } from "../support/use-postgres.ts";

const { server, opened } = usePostgres();
const SECRET = "a secret of at least thirty-two characters";
const SEALS = sealsOf([SECRET], "any");

async function audit(url: string, writer: string, tap: Parameters<typeof tapped>[1] = {}) {
  const postgres: Postgres = tapped(opened(url), tap);
  const trail = new PostgresAudit(postgres, { writer, seals: sealsOf([SECRET], writer) });
  await trail.makeTable();
  return { trail, db: postgres.sql<AuditTables>() };
}

const entryOf = (subject: string, n = 0): AuditEntry => ({
  ...{ subject, entry: "run.accepted", user_id: "usr_1" as UserId, details: { n } },
});

auditContract("PostgreSQL", async () => {
  const { trail } = await audit(await newDatabase(server()), "agent-1");
  return { ports: { audit: trail, moments: clusterMoments }, close: async () => undefined };
});

describe("G31 the audit trail of several writers", () => {
  test("is a chain for each, and an entry is in one of them, whoever writes it", async () => {
    const url = await newDatabase(server());
    const trails = await Promise.all(["one", "two", "three"].map((writer) => audit(url, writer)));
    await Promise.all(
      Array.from({ length: 150 }, (_, n) => trails[n % 3]?.trail.append(entryOf(`run_${n % 70}`, n))),
    );
    const [first] = trails;
    if (!first) throw new Error("there are three");
    const verdict = await verifyAudit(first.trail, [], SEALS);
    expect(verdict).toMatchObject({ rows: 70, faults: [] });
    expect(verdict.heads.length).toBeGreaterThan(1);
  });

  test("goes on behind its own rows after a restart, also of two that call themselves the same", async () => {
    const url = await newDatabase(server());
    const before = await audit(url, "agent-1");
    await before.trail.append(entryOf("run_1"));
    const after = await audit(url, "agent-1");
    await after.trail.append(entryOf("run_1", 7));
    await after.trail.append(entryOf("run_2"));
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? before : after).trail.append(entryOf(`both_${n}`))),
    );
    expect(await after.trail.head("agent-1")).toMatchObject({ seq: 42 });
    expect(await verifyAudit(after.trail, [], SEALS)).toMatchObject({ rows: 42, faults: [] });
  });

  test("stays whole when it is cut off, and what is written again is there once", async () => {
    const url = await newDatabase(server());
    const { trail } = await audit(url, "agent-1");
    const entries = Array.from({ length: 60 }, (_, n) => entryOf(`run_${n}`));
    const writing = Promise.allSettled(entries.map((entry) => trail.append(entry)));
    await killOthers(url);
    for (const answer of await writing)
      if (answer.status === "rejected") expect(answer.reason).toMatchObject(UNAVAILABLE);
    await Promise.all(entries.map((entry) => trail.append(entry)));
    expect(await verifyAudit(trail, [], SEALS)).toMatchObject({ rows: 60, faults: [] });
  });

  test("is one statement for what comes at once, also behind a restart, a failure and entries that were there", async () => {
    const url = await newDatabase(server());
    const asked: string[] = [];
    const { trail } = await audit(url, "agent-1", { asked: (words) => asked.push(words) });
    const costOf = async (...subjects: string[]) => {
      asked.length = 0;
      await Promise.all(subjects.map((subject) => trail.append(entryOf(subject))));
      return [...asked];
    };
    // Where the chain ends is not known yet.
    expect(await costOf("run_1")).toEqual(["SelectQueryNode", "insert into audit"]);
    expect(await costOf("run_2")).toEqual(["insert into audit"]);
    expect(await costOf("run_3", "run_4", "run_4", "run_5")).toEqual(["insert into audit"]);
    expect((await costOf("run_6", "run_2", "run_7")).length).toBeGreaterThan(1);
    expect(await costOf("run_8")).toEqual(["insert into audit"]);
    await killOthers(url);
    await costOf("run_9").catch(() => undefined);
    await costOf("run_9");
    expect(await costOf("run_10")).toEqual(["insert into audit"]);
    expect(await trail.head("agent-1")).toMatchObject({ seq: 10 });
    expect(await verifyAudit(trail, [], SEALS)).toMatchObject({ rows: 10, faults: [] });
  });

  test.each(["asked", "answered"] as const)(
    "goes on behind what is there when a write fails at %s, and the same writes again add what is missing",
    async (when) => {
      let isFailing = false;
      const { trail } = await audit(await newDatabase(server()), "agent-1", {
        [when]: (words: string) => {
          if (isFailing && words.startsWith("insert")) throw new AppError("store_unavailable");
        },
      });
      const append = (from: number, to: number) =>
        Promise.allSettled(
          Array.from({ length: to - from }, (_, n) => trail.append(entryOf(`run_${from + n}`, n))),
        );
      for (const first of [0, 10, 20]) {
        await append(first, first + 1);
        isFailing = true;
        const lost = await append(first + 1, first + 4);
        expect(new Set(lost.map(({ status }) => status))).toEqual(new Set(["rejected"]));
        isFailing = false;
        // Some of what failed, with others.
        await append(first + 2, first + 6);
        await append(first + 1, first + 3);
      }
      expect(await verifyAudit(trail, [], SEALS)).toMatchObject({ rows: 18, faults: [] });
    },
  );

  test("stays one chain when two that call themselves the same write all the time", async () => {
    const url = await newDatabase(server());
    const twins = await Promise.all([1, 2].map(() => audit(url, "agent-1")));
    await Promise.all(
      twins.map(async ({ trail }, twin) => {
        for (let n = 0; n < 60; n += 1) await trail.append(entryOf(`run_${n % 3 ? twin : "both"}_${n}`));
      }),
    );
    const { trail } = await audit(url, "another");
    expect(await verifyAudit(trail, [], SEALS)).toMatchObject({ rows: 100, faults: [] });
  });

  test("an entry that cannot be written keeps no other from being", async () => {
    const { trail } = await audit(await newDatabase(server()), "agent-1");
    const answers = await Promise.allSettled(
      ["run_1", "bad \0", "run_2"].map((subject) => trail.append(entryOf(subject))),
    );
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await verifyAudit(trail, [], SEALS)).toMatchObject({ rows: 2, faults: [] });
  });

  test("shows what was changed, removed, added without the key, and what could change it", async () => {
    const { trail, db } = await audit(await newDatabase(server()), "agent-1");
    for (const n of [1, 2, 3, 4]) await trail.append(entryOf(`run_${n}`));
    const head = await trail.head("agent-1");
    await db.updateTable("audit").set({ user_id: "usr_2" }).where("seq", "=", 1).execute();
    await db.deleteFrom("audit").where("seq", "in", [2, 4]).execute();
    await sql`insert into audit select 'forger', 1, at, 'x', entry, user_id, details, hash, '' from audit where seq = 3`.execute(
      db,
    );
    await sql`insert into audit select 'far', 9223372036854775807, at, 'y', entry, user_id, details, hash, '' from audit
      where seq = 3`.execute(db);
    await sql`create rule quiet as on delete to audit do instead nothing`.execute(db);
    const { faults } = await verifyAudit(trail, [head], SEALS);
    const text = faults.join("\n");
    expect(text).toMatch(/agent-1 row 1 .*was changed/);
    expect(text).toMatch(/agent-1: row 2 is missing/);
    expect(text).toMatch(/its end was cut off/);
    expect(text).toMatch(/forger row 1/);
    expect(text).toMatch(/far row 9223372036854775807 is no row/);
    expect(text).toMatch(/rule "quiet" is not this server's/);
  });
});
