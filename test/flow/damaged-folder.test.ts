import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startServer } from "../../bin/start/start-server.ts";
import { readEnvironment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { Client, register } from "../support/client.ts";
import { environment } from "../support/environment.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const PAGE = 4_096;

let stack: Stack;
let folder: string;
/** Stopped in order; and killed, with a log that has the last changes. */
let stopped: string;
let killed: string;
let session: string;
let run: string;
let user: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-damaged-"));
  [stopped, killed] = [join(folder, "stopped"), join(folder, "killed")];
  stack = await startStack();
  user = await register(stack.server.url);
  for (let time = 0; time < 8; time += 1) {
    const told = await user.chat({ message: `${"words ".repeat(500)}${time}` });
    session = String(told[0]?.data.session_id);
    run = String(told[0]?.data.run_id);
  }
  const { home } = stack.server;
  await stack.server.kill("SIGKILL");
  cpSync(home, killed, { recursive: true });
  await stack.restart();
  // Printed last: it listens to signals by then.
  await waitFor("the banner", () => stack.server.output().includes("npm run chat"));
  await stack.server.kill("SIGTERM");
  cpSync(home, stopped, { recursive: true });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

let home: string;
let file: string;
beforeEach(() => {
  home = join(folder, "home");
  rmSync(home, { recursive: true, force: true });
  cpSync(stopped, home, { recursive: true });
  file = join(home, "macjarvis.db");
});

/** The words of a start that fails, in this process: what `npm start` makes of them is one test's matter. */
async function start(): Promise<string> {
  const env = readEnvironment({ MACJARVIS_HOME: home, PORT: "0", LOG_LEVEL: "fatal", SANDBOX: "off" });
  const words = await startServer(env).then(
    ({ stop }) => stop().then(() => "it has started"),
    (thrown: unknown) => toError(thrown).message,
  );
  return inWords(words);
}

/** Neither a stack, nor anything of SQLite's or Node's own words. */
function inWords(words: string): string {
  expect(words).not.toMatch(/^ +at |unable to open|malformed|not a database|EISDIR|ERR_/m);
  return words;
}

function overwrite(path: string, at: number, bytes: number): void {
  const fd = openSync(path, "r+");
  writeSync(fd, Buffer.alloc(bytes, 0xaa), 0, bytes, at);
  closeSync(fd);
}

function doctor(): string {
  const env = environment({ MACJARVIS_HOME: home, PORT: "0" });
  const { stdout } = spawnSync(NODE, ["bin/doctor.ts"], { cwd: ROOT, env, encoding: "utf8" });
  return stdout;
}

const restore = /restore the whole data folder from a backup/;

describe("a start on a damaged data folder ends in words with the fix", () => {
  test("which npm start prints, before it ends", () => {
    rmSync(file);
    mkdirSync(file);
    const env = environment({ MACJARVIS_HOME: home, PORT: "0", LOG_FORMAT: "json" });
    const { status, stderr, stdout } = spawnSync(NODE, ["bin/start.ts"], {
      cwd: ROOT,
      env,
      encoding: "utf8",
    });
    expect([status, stdout, stderr.split("\n")[0]]).toEqual([1, "", "MacJarvis could not start."]);
    expect(inWords(stderr)).toMatch(/macjarvis\.db is a folder/);
  });

  test("macjarvis.db is a folder", async () => {
    rmSync(file);
    mkdirSync(file);
    expect(await start()).toMatch(
      /macjarvis\.db is a folder.*Move it away, or restore the file from a backup/,
    );
    // What is wrong with the database is no fault of the lock: one finding, and its fix is true.
    const found = doctor();
    expect(found).toMatch(/✗ database .*is a folder/);
    expect(found).not.toContain("✗ lock");
  });

  test("macjarvis.db is a pipe", async () => {
    rmSync(file);
    spawnSync("mkfifo", [file]);
    expect(await start()).toMatch(/macjarvis\.db is no regular file/);
  });

  test("macjarvis.db is something else, and is left as it is", async () => {
    writeFileSync(file, "my diary, not a database");
    expect(await start()).toMatch(restore);
    expect(readFileSync(file, "utf8")).toBe("my diary, not a database");
    expect(doctor()).toMatch(/✗ database .*is no database/);
  });

  test("macjarvis.db was emptied: it does not begin anew without a word", async () => {
    truncateSync(file, 0);
    expect(await start()).toMatch(/is empty, but it was not\. .*or remove .*macjarvis\.db to begin anew/);
    expect(statSync(file).size).toBe(0);
  });

  test("macjarvis.db ends too early", async () => {
    truncateSync(file, 5 * PAGE);
    expect(await start()).toMatch(restore);
    expect(doctor()).toMatch(/✗ database /);
  });

  test("its first page is damaged", async () => {
    overwrite(file, 100, PAGE - 100);
    expect(await start()).toMatch(restore);
  });

  test("every page but the first is damaged", async () => {
    overwrite(file, PAGE, statSync(file).size - PAGE);
    expect(await start()).toMatch(restore);
    expect(doctor()).toMatch(/✗ database .*is damaged/);
  });

  test("it was written by a newer program, by its format or by one of its tables", async () => {
    const db = new DatabaseSync(file);
    db.exec("INSERT INTO migrations_users VALUES ('9999-later', '2030-01-01')");
    db.close();
    expect(await start()).toMatch(/written by a newer MacJarvis.*Update MacJarvis/);
    const later = new DatabaseSync(file);
    later.exec("DELETE FROM migrations_users WHERE name = '9999-later'; PRAGMA user_version = 99");
    later.close();
    expect(await start()).toMatch(/written by a newer MacJarvis.*Update MacJarvis/);
  });

  test("the log is a folder, its beginning is damaged, or something in its middle", async () => {
    const log = `${file}-wal`;
    mkdirSync(log);
    expect(await start()).toMatch(/macjarvis\.db-wal is a folder/);
    rmSync(home, { recursive: true });
    cpSync(killed, home, { recursive: true });
    overwrite(log, 0, 24);
    expect(await start()).toMatch(
      /macjarvis\.db-wal, which has the last changes, is damaged at its beginning.*move .*-wal away/s,
    );
    rmSync(home, { recursive: true });
    cpSync(killed, home, { recursive: true });
    const { size } = statSync(log);
    overwrite(log, Math.floor(size / 2), PAGE);
    const words = await start();
    expect(words).toMatch(/macjarvis\.db-wal is damaged: \d+ changes at its end cannot be read/);
    // Nothing was thrown away, and the fix that is told works.
    expect(statSync(log).size).toBe(size);
    const [, bytes] = /truncate -s (\d+) /.exec(words) ?? [];
    truncateSync(log, Number(bytes));
    const db = new DatabaseSync(file);
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    db.close();
  });

  test("the folder of events is a file, or a segment a folder", async () => {
    const events = join(home, "events");
    rmSync(events, { recursive: true });
    writeFileSync(events, "");
    expect(await start()).toMatch(/events cannot be used: it is a file\. .*move it away/);
    rmSync(events);
    mkdirSync(join(events, "00000001.log"), { recursive: true });
    expect(await start()).toMatch(/00000001\.log cannot be used: it is a folder\. .*move it away/);
  });

  test("its files may not be used by who starts it", () => {
    if (process.getuid?.() !== 0) chmodSync(file, 0);
    const script = `
      import { chmodSync } from "node:fs";
      import { openStore } from "./lib/embedded/open-store.ts";
      import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
      const home = ${JSON.stringify(home)};
      chmodSync(${JSON.stringify(folder)}, 0o755);
      chmodSync(home, 0o755);
      if (process.getuid() === 0) { chmodSync(home + "/macjarvis.db", 0o600); process.setuid(65534); }
      for (const use of [lockDataFolder, openStore]) try { use(home); } catch (thrown) { console.log(thrown.message); }`;
    const { stdout, stderr } = spawnSync(NODE, ["--input-type=module", "-e", script], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const [lock, store] = stdout.split("\n");
    expect([stderr, lock]).toEqual(["", expect.stringContaining("you may not write there")]);
    expect(store).toMatch(/may not be read by you\. Start MacJarvis as the user it belongs to/);
  });
});

describe("damage that is found while the server runs", () => {
  /** The server on `home`, until the test has asked what it wants. */
  async function serving(ask: (client: Client, output: () => string) => Promise<void>): Promise<void> {
    const env = environment({ MACJARVIS_HOME: home, PORT: "0", LOG_FORMAT: "json" });
    const child = spawn(NODE, ["bin/start.ts"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const url = await new Promise<string>((resolve, reject) => {
      const take = (chunk: Buffer) => {
        output += chunk.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
        if (found) resolve(found[0]);
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("close", () => reject(new Error(output)));
    });
    try {
      await ask(new Client(url, user.token), () => output);
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  }

  test("a page of the messages: 503 store_damaged for who needs it, words in the log, and the others are served", async () => {
    const db = new DatabaseSync(file, { readOnly: true });
    const pages = db
      .prepare("SELECT pageno FROM dbstat WHERE name LIKE '%documents_message_pages%'")
      .all()
      .map((row) => Number(row.pageno));
    db.close();
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) overwrite(file, (page - 1) * PAGE, PAGE);
    await serving(async (client, output) => {
      const answer = await client.call<{ code: string; detail: string }>(
        "GET",
        `/sessions/${session}/messages`,
      );
      expect([answer.status, answer.body.code]).toEqual([503, "store_damaged"]);
      expect(answer.body.detail).toMatch(/damaged\. Whoever runs it has to restore it from a backup/);
      expect(JSON.stringify(answer.body)).not.toContain(home);
      await waitFor("words in the log", () => output().includes("restore the data folder from a backup"));
      expect((await client.call("GET", "/users/me")).status).toBe(200);
    });
  });

  test("a segment of events: 503 store_damaged and not 410, words in the log, and the run itself can be read", async () => {
    const name = readdirSync(join(home, "events")).find((one) => one.endsWith(".log")) ?? "";
    const segment = join(home, "events", name);
    rmSync(`${segment}.index`, { force: true });
    overwrite(segment, 0, statSync(segment).size);
    await serving(async (client, output) => {
      const answer = await client.call<{ code: string }>("GET", `/agent/runs/${run}/events`);
      expect([answer.status, answer.body.code]).toEqual([503, "store_damaged"]);
      await waitFor("words in the log", () => output().includes(".log is damaged at byte 0"));
      expect((await client.call("GET", `/agent/runs/${run}`)).status).toBe(200);
      expect((await client.call("GET", `/sessions/${session}/messages`)).status).toBe(200);
    });
  });
});
