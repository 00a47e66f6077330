import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { UserId } from "../../../contracts/ids.ts";
import { AuditTable } from "../../../lib/embedded/audit-table.ts";
import { Store } from "../../../lib/embedded/store.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const ENTRIES = 3_000;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-audit-"));
  const store = new Store(join(home, "macjarvis.db"));
  const trail = new AuditTable(store);
  await trail.makeTable();
  const user_id = "usr_1" as UserId;
  const details = { text: "x".repeat(200) };
  const subjects = Array.from({ length: ENTRIES }, (_, index) => `run_${index + 1}`);
  await Promise.all(
    subjects.map((subject) => trail.append({ subject, entry: "run.accepted", user_id, details })),
  );
  await store.close();
});
afterEach(async () => {
  await chmod(home, 0o700);
  await rm(home, { recursive: true });
});

function command(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(NODE, [...args], {
    env: { ...process.env, MACJARVIS_HOME: home },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

const audit = (...args: string[]) => command(join(ROOT, "bin/audit.ts"), ...args);

function change(sql: string): void {
  const db = new DatabaseSync(join(home, "macjarvis.db"));
  db.exec(sql);
  db.close();
}

test("audit show ends quietly when nobody reads on", async () => {
  const child = spawn(NODE, [join(ROOT, "bin/audit.ts"), "show"], {
    env: { ...process.env, MACJARVIS_HOME: home },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  expect(await once(child, "close")).toEqual([0, null]);
  expect(said).toBe("");
});

test("audit show shows a row whose details were broken, and the rows behind it", () => {
  change("UPDATE audit SET details = 'broken' WHERE seq = 2");
  const { status, stdout } = audit("show");
  const lines = stdout.split("\n").filter(Boolean);
  expect(status).toBe(0);
  expect(lines).toHaveLength(ENTRIES);
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ seq: 2, details: "broken" });
});

test("audit show for a user has what it did to others, and nothing that drives the terminal", () => {
  change(`UPDATE audit SET details = '{"by":"usr_2","name":"\u009b2J"}' WHERE seq = 7`);
  const { stdout } = audit("show", "--user", "usr_2");
  expect(JSON.parse(stdout)).toMatchObject({ seq: 7, details: { by: "usr_2", name: "\u009b2J" } });
  expect(stdout).not.toContain("\u009b");
  change(`UPDATE audit SET entry = '\u009b2J' WHERE seq = 7`);
  expect(audit("verify").stdout).not.toContain("\u009b");
});

test("audit verify names the first of many faults and says how many there are", () => {
  change("UPDATE audit SET user_id = 'usr_other'");
  const { status, stdout } = audit("verify");
  expect(status).toBe(1);
  expect(stdout).toContain("row 1 ");
  expect(stdout).toContain(`and ${ENTRIES - 100} more`);
});

test("a database from before the audit trail, or none, is said to be one", () => {
  change("DROP TABLE audit");
  expect(audit("verify")).toMatchObject({ status: 2, stderr: expect.stringContaining("no audit trail yet") });
  change("PRAGMA journal_mode = DELETE");
  const file = join(home, "macjarvis.db");
  command("-e", `fs.writeFileSync(${JSON.stringify(file)}, "no database at all")`);
  expect(audit("verify")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`${file} cannot be read: file is not a database`),
  });
});

test("a trail on a disk that is closed to writes is read, also as who may not write there", () => {
  const open = pathToFileURL(join(ROOT, "lib/embedded/open-audit.ts")).href;
  // As root every folder can be written to, but for the rights of another user.
  const script = `
    import { chmodSync } from "node:fs";
    import { openAudit } from ${JSON.stringify(open)};
    const home = ${JSON.stringify(home)};
    chmodSync(home, 0o555);
    chmodSync(home + "/macjarvis.db", 0o444);
    if (process.getuid() === 0) process.setuid(65534);
    const { trail, close } = openAudit(home);
    console.log((await trail.head("embedded")).seq);
    await close();`;
  expect(command("--input-type=module", "-e", script)).toMatchObject({ status: 0, stdout: `${ENTRIES}\n` });
});
