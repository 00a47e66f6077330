import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../../contracts/ids.ts";
import { hashOfRow, NO_HASH } from "../../../lib/audit/chain.ts";
import { AuditTable } from "../../../lib/embedded/audit-table.ts";
import { Store } from "../../../lib/embedded/store.ts";
import type { AuditRow } from "../../../lib/ports/audit.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const ENTRIES = 12;

let folder: string;
let original: string;
let home: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-attacks-"));
  original = join(folder, "original");
  cpSync(join(ROOT, "LICENSE"), join(original, "other-file"));
  await write(original, 1, ENTRIES);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  home = join(folder, "attacked");
  rmSync(home, { recursive: true, force: true });
  cpSync(original, home, { recursive: true });
});

/** A start of the server that writes entries and stops. */
async function write(at: string, from: number, to: number): Promise<void> {
  const store = new Store(join(at, "macjarvis.db"));
  const trail = new AuditTable(store, Date.now, at);
  await trail.makeTable();
  for (let n = from; n <= to; n += 1)
    await trail.append({
      subject: `run_${n}`,
      entry: "run.accepted",
      user_id: "usr_1" as UserId,
      details: { n },
    });
  await store.close();
}

function change(...statements: string[]): void {
  const db = new DatabaseSync(join(home, "macjarvis.db"));
  for (const sql of statements) db.exec(sql);
  db.close();
}

function audit(...args: string[]) {
  const env = { ...process.env, MACJARVIS_HOME: home };
  const { status, stdout, stderr } = spawnSync(NODE, [join(ROOT, "bin/audit.ts"), ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** Rows whose hashes and places all fit: what somebody can make who knows everything but the key. */
function chain(rows: Partial<AuditRow>[], before = NO_HASH): AuditRow[] {
  let last = before;
  return rows.map((given, index) => {
    const row = {
      writer: "embedded",
      seq: index + 1,
      at: "2026-11-28T00:00:00.000Z",
      subject: `run_forged_${index}`,
      entry: "run.accepted",
      user_id: "usr_1",
      details: "{}",
      seal: "",
      ...given,
    };
    last = hashOfRow(row, last);
    return { ...row, hash: last };
  });
}

function insert(rows: AuditRow[]): void {
  const db = new DatabaseSync(join(home, "macjarvis.db"));
  for (const { writer, seq, at, subject, entry, user_id, details, hash, seal } of rows)
    db.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").run(
      writer,
      seq,
      at,
      subject,
      entry,
      user_id,
      details,
      hash,
      seal,
    );
  db.close();
}

function rowsNow(): AuditRow[] {
  const db = new DatabaseSync(join(home, "macjarvis.db"));
  const rows = db.prepare("SELECT * FROM audit ORDER BY seq").all() as AuditRow[];
  db.close();
  return rows;
}

const withFault = (text: string | RegExp) => ({
  status: 1,
  stdout: expect.stringMatching(text) as unknown as string,
});

describe("G31 audit verify against somebody who can write rows", () => {
  test("is content with what the server wrote, over several starts", async () => {
    await write(home, ENTRIES + 1, ENTRIES + 3);
    expect(audit("verify")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`${ENTRIES + 3} entries`),
    });
  });

  test("finds a whole forged writer, also with the seals of true rows", () => {
    const { seal = "" } = rowsNow()[3] ?? {};
    insert(chain([{ writer: "embedded2" }, { writer: "embedded2" }]));
    insert(chain([{ writer: "other", subject: "run_x", seal }]));
    const verdict = audit("verify");
    expect(verdict).toMatchObject(withFault(/embedded2 row 1 .*has no seal: this server did not write it/));
    expect(verdict.stdout).toMatch(/other row 1 .*has a seal that does not fit/);
  });

  test("finds a row that was added behind the last one with a hash that fits", () => {
    insert(chain([{ seq: ENTRIES + 1 }], rowsNow().at(-1)?.hash));
    expect(audit("verify")).toMatchObject(withFault(/row 13 .*has no seal/));
  });

  test("finds the added row also once the server has written behind it", async () => {
    insert(chain([{ seq: ENTRIES + 1 }], rowsNow().at(-1)?.hash));
    await write(home, ENTRIES + 2, ENTRIES + 3);
    expect(audit("verify")).toMatchObject(withFault(/row 13 .*has no seal/));
  });

  test("finds rows that were put into the place of the server's next one while it runs, and the server goes on", async () => {
    const store = new Store(join(home, "macjarvis.db"));
    const trail = new AuditTable(store, Date.now, home);
    await trail.makeTable();
    const add = (subject: string) =>
      trail.append({ subject, entry: "run.accepted", user_id: "usr_1" as UserId, details: {} });
    await add("run_a");
    insert(chain([{ seq: ENTRIES + 2 }], rowsNow().at(-1)?.hash));
    await add("run_b");
    await store.close();
    const { stdout } = audit("verify");
    expect(stdout.match(/row \d+/g)).toEqual([`row ${ENTRIES + 2}`]);
  });

  test("finds rows that were changed with all hashes behind them made anew", () => {
    const rows = rowsNow();
    const forged = chain(rows.map((row) => (row.seq === 5 ? { ...row, details: '{"n":500}' } : row)));
    change("DELETE FROM audit");
    insert(forged);
    const { status, stdout } = audit("verify");
    expect(status).toBe(1);
    expect(stdout).toMatch(/row 5 .*has a seal that does not fit/);
    expect(stdout).not.toMatch(/row 4 /);
  });

  test("finds a beginning that was replaced, a row taken out and rows that changed places, hashes made anew", () => {
    const rows = rowsNow();
    const forgeries = [
      chain(rows.map((row) => (row.seq === 1 ? { ...row, user_id: "usr_2" } : row))),
      chain(rows.filter(({ seq }) => seq !== 6).map((row, index) => ({ ...row, seq: index + 1 }))),
      chain(
        rows.map((row) => ({ ...row, subject: `run_${row.seq === 7 ? 8 : row.seq === 8 ? 7 : row.seq}` })),
      ),
    ];
    for (const forged of forgeries) {
      change("DELETE FROM audit");
      insert(forged);
      expect(audit("verify")).toMatchObject(withFault("seal that does not fit"));
    }
  });

  test("finds a trail without seals, also when the server went on behind it", async () => {
    const forged = chain(rowsNow().map((row) => ({ ...row, user_id: "usr_2", seal: "" })));
    change("DELETE FROM audit");
    insert(forged);
    expect(audit("verify")).toMatchObject(withFault("has no seal"));
    await write(home, ENTRIES + 1, ENTRIES + 1);
    expect(audit("verify")).toMatchObject(withFault(/row 1 .*has no seal/));
  });

  test("finds that all rows, or the table, were removed", () => {
    change("DELETE FROM audit");
    expect(audit("verify")).toMatchObject(withFault("the trail is empty"));
    change("DROP TABLE audit");
    expect(audit("verify")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("its table was removed"),
    });
    change("CREATE VIEW audit AS SELECT 1 AS writer");
    expect(audit("verify")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("its table was removed"),
    });
  });

  test("finds an end that was cut off against the last head that was kept elsewhere", () => {
    const head = join(folder, "head.json");
    writeFileSync(head, audit("head").stdout);
    change(`DELETE FROM audit WHERE seq > ${ENTRIES - 2}`);
    expect(audit("verify").status).toBe(0);
    expect(audit("verify", "--head", head)).toMatchObject(withFault("its end was cut off"));
    change("DELETE FROM audit");
    expect(audit("verify", "--head", head)).toMatchObject(withFault("its end was cut off"));
  });

  test.each([
    [
      "a writer of bytes",
      "INSERT INTO audit SELECT x'6162', 1, at, 'run_a', entry, user_id, details, hash, seal FROM audit LIMIT 1",
    ],
    ["a writer that is a number", "UPDATE audit SET writer = x'31' WHERE seq = 3"],
    ["a number beyond all numbers", "UPDATE audit SET seq = 9223372036854775807 WHERE seq = 3"],
    ["a number that is none", "UPDATE audit SET seq = 'three' WHERE seq = 3"],
    ["details of bytes", "UPDATE audit SET details = CAST(details AS BLOB) WHERE seq = 3"],
    ["a text that ends early", "UPDATE audit SET details = details || char(0) || 'hidden' WHERE seq = 3"],
    ["a hash of bytes", "UPDATE audit SET hash = x'00' WHERE seq = 12"],
  ])("finds a row that cannot be read: %s", (_, sql) => {
    change(sql);
    expect(audit("verify")).toMatchObject(withFault("is no row that can be read"));
    expect(audit("show").status).toBe(0);
  });

  test.each([
    [
      "a trigger that drops what is written",
      "CREATE TRIGGER quiet AFTER INSERT ON audit BEGIN DELETE FROM audit WHERE seq = new.seq; END",
    ],
    [
      "a trigger elsewhere",
      "CREATE TABLE t (n); CREATE TRIGGER later AFTER INSERT ON t BEGIN DELETE FROM audit; END",
    ],
    ["an index of somebody else", "CREATE UNIQUE INDEX one_a_user ON audit (user_id, seq)"],
  ])("finds %s", (_, sql) => {
    change(sql);
    expect(audit("verify")).toMatchObject(withFault("is not this server's"));
  });

  test("finds a key that was replaced or removed; the key put back, all is well again", async () => {
    const path = join(home, "audit-key");
    const key = readFileSync(path, "utf8");
    rmSync(path);
    expect(audit("verify")).toMatchObject(withFault("there is no audit-key"));
    await write(home, ENTRIES + 1, ENTRIES + 1);
    expect(audit("verify")).toMatchObject(withFault(/row 1 .*sealed with a key that is not in audit-key/));
    writeFileSync(path, key + readFileSync(path, "utf8"));
    expect(audit("verify").status).toBe(0);
    writeFileSync(path, "no key");
    expect(audit("verify")).toMatchObject({ status: 2, stderr: expect.stringContaining("no key file") });
  });

  test("a trail from before there were seals is taken over as it was then, and not as somebody writes it later", async () => {
    rmSync(join(home, "audit-key"));
    const old = chain(rowsNow().map((row) => ({ ...row, seal: "" })));
    change("DELETE FROM audit");
    insert(old);
    change("ALTER TABLE audit DROP COLUMN seal");
    expect(audit("show").stdout.split("\n").filter(Boolean)).toHaveLength(ENTRIES);
    await write(home, ENTRIES + 1, ENTRIES + 2);
    expect(audit("verify")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`${ENTRIES + 2} entries`),
    });
    change("DELETE FROM audit WHERE seq > 4");
    expect(audit("verify")).toMatchObject(withFault("its end was cut off"));
    const forged = chain(old.map((row) => ({ ...row, user_id: "usr_2" })));
    change("DELETE FROM audit");
    insert(forged);
    expect(audit("verify")).toMatchObject(withFault("row 12 .*is not the row whose hash was kept"));
  });
});
