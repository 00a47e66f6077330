import { spawn } from "node:child_process";
import { once } from "node:events";
import { fdatasync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { slowSyncLibrary } from "../../../../bench/slow-sync/library.ts";
import { SqliteDocuments } from "../../../../lib/embedded/documents/sqlite-documents.ts";
import type { StoreFault } from "../../../../lib/embedded/sqlite-error.ts";
import { Store } from "../../../../lib/embedded/store.ts";
import { describeUnless } from "../../../support/unless.ts";
import { waitFor } from "../../../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const WRITER = join(ROOT, "test/support/write-until-killed.ts");
const NODE = join(ROOT, "node_modules/.bin/node");
const realSync = promisify(fdatasync);

/** A disk whose syncs wait until they are told what becomes of them. */
class HeldDisk {
  isHeld = false;
  readonly #waiting: { sync: () => void; fail: (error: Error) => void }[] = [];

  readonly sync = async (fd: number): Promise<void> => {
    if (this.isHeld)
      await new Promise<void>((resolve, reject) => this.#waiting.push({ sync: resolve, fail: reject }));
    await realSync(fd);
  };

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The sync that waits now, or the next one. */
  async syncOne(): Promise<void> {
    await waitFor("a sync is asked for", () => this.#waiting.length > 0);
    this.#waiting.shift()?.sync();
  }

  async failOne(code = "EIO"): Promise<void> {
    await waitFor("a sync is asked for", () => this.#waiting.length > 0);
    this.isHeld = false;
    this.#waiting.shift()?.fail(Object.assign(new Error(code), { code }));
  }
}

let folder: string;
let path: string;
let disk: HeldDisk;
let store: Store;
let faults: StoreFault[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-durable-"));
  path = join(folder, "store.db");
  disk = new HeldDisk();
  faults = [];
  store = new Store(path, { sync: disk.sync, longLog: 200_000, onFault: (fault) => faults.push(fault) });
  await store.write(() => store.statement("CREATE TABLE log (n INTEGER PRIMARY KEY, text TEXT)").run());
});
afterEach(async () => {
  disk.isHeld = false;
  await store.close();
  await rm(folder, { recursive: true });
});

const add = (n: number, text = "") =>
  store.write(() => store.statement("INSERT INTO log (n, text) VALUES (?, ?)").run(n, text));
const numbers = () => store.read(() => store.statement("SELECT n FROM log ORDER BY n").all()).then(onlyN);
const onlyN = (rows: unknown[]) => rows.map((row) => (row as { n: number }).n);

/** Whether the promise has an outcome once the event loop has nothing else to do. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  for (let time = 0; time < 20; time += 1) await turn();
  return settled;
}

describe("G1 what is acknowledged is on the disk", () => {
  test("an operation answers behind its sync, and what came meanwhile behind the next one", async () => {
    disk.isHeld = true;
    const first = add(1);
    await waitFor("the first sync", () => disk.waiting === 1);
    const others = [add(2), add(3)];
    expect(await isSettled(Promise.race([first, ...others]))).toBe(false);
    // One at a time, and what has gathered is committed as one.
    expect(disk.waiting).toBe(1);
    await disk.syncOne();
    await first;
    expect(await isSettled(Promise.race(others))).toBe(false);
    await disk.syncOne();
    await Promise.all(others);
    expect([disk.waiting, store.commits]).toEqual([0, 3]);
  });

  test("a read sees what is durable, not what is being synced or gathers, and waits for neither", async () => {
    await add(1);
    disk.isHeld = true;
    const writing = [add(2)];
    await waitFor("the sync", () => disk.waiting === 1);
    writing.push(add(3));
    expect(await numbers()).toEqual([1]);
    await disk.syncOne();
    await writing[0];
    expect(await numbers()).toEqual([1, 2]);
    await disk.syncOne();
    await writing[1];
    expect(await numbers()).toEqual([1, 2, 3]);
  });

  test("a document is read as it is durable, whatever of it is kept in memory", async () => {
    type Thing = { _id: string; text: string };
    const things = new SqliteDocuments<Thing>(store, { name: "things", indexes: [] });
    await things.insert({ _id: "a", text: "old" });
    disk.isHeld = true;
    const writing = [
      things.compareAndSet("a", {}, { $set: { text: "new" } }),
      things.insert({ _id: "b", text: "" }),
    ];
    await waitFor("the sync", () => disk.waiting === 1);
    const removing = things.remove("b");
    expect([await things.get("a"), await things.get("b")]).toEqual([{ _id: "a", text: "old" }, null]);
    await disk.syncOne();
    await Promise.all(writing);
    expect([await things.get("a"), await things.get("b")]).toEqual([
      { _id: "a", text: "new" },
      { _id: "b", text: "" },
    ]);
    await disk.syncOne();
    await removing;
    expect(await things.get("b")).toBeNull();
  });

  test("a moment that only read what somebody else has just written answers when that is durable", async () => {
    disk.isHeld = true;
    const writing = add(1);
    const moment = store.run(numbers);
    expect(await isSettled(moment)).toBe(false);
    await disk.syncOne();
    expect(await moment).toEqual([1]);
    await writing;
  });

  test("a flush answers behind the sync of all that was done before it", async () => {
    disk.isHeld = true;
    void add(1);
    await waitFor("the sync", () => disk.waiting === 1);
    void add(2);
    const flushed = store.flush();
    await disk.syncOne();
    expect(await isSettled(flushed)).toBe(false);
    await disk.syncOne();
    await flushed;
  });

  test("what changes nothing is answered without a sync", async () => {
    await add(1);
    disk.isHeld = true;
    const { changes } = await store.write(() => store.statement("DELETE FROM log WHERE n = 99").run());
    expect([Number(changes), disk.waiting]).toEqual([0, 0]);
  });

  test.each([1, 2, 3])("what was acknowledged is there after kill -9, again and again (%i)", async () => {
    const killed = join(folder, "killed.db");
    let acknowledged = 0;
    for (let time = 0; time < 3; time += 1) {
      const child = spawn(NODE, [WRITER, killed, String(acknowledged + 1_000)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const told = new Set<number>();
      let rest = "";
      child.stdout.on("data", (chunk: Buffer) => {
        const lines = `${rest}${chunk.toString()}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) told.add(Number(line));
        if (told.size > 1_500) child.kill("SIGKILL");
      });
      await once(child, "close");
      const survivor = new DatabaseSync(killed);
      const kept = new Set(onlyN(survivor.prepare("SELECT n FROM log").all()));
      expect([...told].filter((n) => !kept.has(n))).toEqual([]);
      expect([...kept].filter((n) => !kept.has(-n))).toEqual([]);
      expect(survivor.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      survivor.close();
      acknowledged = Math.max(...told);
    }
  });
});

describe("G12 a sync fails", () => {
  test("all that waited for it is refused and undone, what was durable stays, and it goes on when the disk syncs again", async () => {
    await add(1);
    disk.isHeld = true;
    const syncing = add(2);
    await waitFor("the sync", () => disk.waiting === 1);
    const gathering = add(3);
    await disk.failOne();
    for (const lost of [syncing, gathering])
      await expect(lost).rejects.toMatchObject({ type: "store_unavailable", code: 503 });
    expect(faults).toEqual([{ kind: "sync", reason: expect.stringContaining("EIO") }]);
    expect(await numbers()).toEqual([1]);
    await waitFor("it can be written again", () => add(4).then(Boolean, () => false));
    expect(await numbers()).toEqual([1, 4]);
    await store.close();
    const after = new DatabaseSync(path);
    expect(onlyN(after.prepare("SELECT n FROM log").all())).toEqual([1, 4]);
    after.close();
  });

  test("a process that dies before it could go on does not find what it had refused", async () => {
    await add(1);
    disk.isHeld = true;
    const lost = add(2);
    await disk.failOne();
    await expect(lost).rejects.toMatchObject({ type: "store_unavailable" });
    // What the files hold at this very moment, as another process would find them.
    const copy = join(folder, "copy.db");
    await writeFile(copy, readFileSync(path));
    await writeFile(`${copy}-wal`, readFileSync(`${path}-wal`));
    const found = new DatabaseSync(copy);
    expect(onlyN(found.prepare("SELECT n FROM log").all())).toEqual([1]);
    found.close();
  });

  test("a full disk is said to be one", async () => {
    disk.isHeld = true;
    const lost = add(1);
    await disk.failOne("ENOSPC");
    await expect(lost).rejects.toThrow(/the disk is full/);
  });

  test("a document that was refused is read as it was before, by index too", async () => {
    type Thing = { _id: string; colour: string };
    const things = new SqliteDocuments<Thing>(store, {
      name: "things",
      indexes: [{ name: "colour", fields: ["colour"] }],
    });
    await things.insert({ _id: "a", colour: "red" });
    disk.isHeld = true;
    const lost = things.compareAndSet("a", {}, { $set: { colour: "blue" } });
    await disk.failOne();
    await expect(lost).rejects.toMatchObject({ type: "store_unavailable" });
    expect(await things.get("a")).toEqual({ _id: "a", colour: "red" });
    await waitFor("it can be written again", () => add(1).then(Boolean, () => false));
    expect(await things.get("a")).toEqual({ _id: "a", colour: "red" });
    expect(await things.list({ index: "colour", equals: { colour: "blue" }, limit: 9 })).toEqual([]);
    expect(await things.compareAndSet("a", { colour: "red" }, { $set: { colour: "green" } })).not.toBeNull();
  });

  test("a moment that has lost a part is told before it does more, and can undo itself", async () => {
    const moment = store.run(async () => {
      await add(1);
      disk.isHeld = true;
      await add(2);
      await disk.failOne();
      await waitFor("others can write again", () => store.groups.durable > 0 && !disk.isHeld);
      await waitFor("the store is back", () => outside(3));
      await expect(add(4)).rejects.toMatchObject({ type: "store_unavailable" });
      await store.write(() => store.statement("DELETE FROM log WHERE n = 1").run());
    });
    await expect(moment).rejects.toMatchObject({ type: "store_unavailable" });
    expect(await numbers()).toEqual([3]);
  });

  /** A write by somebody who is in no moment. */
  const outside = (n: number) =>
    new Promise<boolean>((resolve) => {
      queue.push(() =>
        add(n).then(
          () => resolve(true),
          () => resolve(false),
        ),
      );
    });
  const queue: (() => void)[] = [];
  let pump: NodeJS.Timeout;
  beforeEach(() => {
    pump = setInterval(() => queue.shift()?.(), 5);
  });
  afterEach(() => clearInterval(pump));
});

describe("the log", () => {
  test("is folded into the database while operations go on, and does not grow without end", async () => {
    const text = "x".repeat(3_000);
    let rows = 0;
    for (; store.checkpoints.restarts < 8; rows += 20)
      await Promise.all(Array.from({ length: 20 }, (_, index) => add(rows + index, text)));
    const { size } = statSync(`${path}-wal`);
    expect([store.checkpoints.failure, size < (rows * text.length) / 2]).toEqual([undefined, true]);
    expect(await numbers()).toHaveLength(rows);
  });

  test("a program that reads for long keeps it from being begun anew, and nobody waits for that program", async () => {
    const text = "x".repeat(3_000);
    await add(1, text);
    const other = new DatabaseSync(path, { readOnly: true });
    other.exec("BEGIN; SELECT 1 FROM log");
    for (let n = 2; n <= 400; n += 1) await add(n, text);
    expect(store.checkpoints.restarts).toBe(0);
    const { size: long } = statSync(`${path}-wal`);
    other.exec("COMMIT");
    other.close();
    for (let n = 401; store.checkpoints.restarts === 0; n += 1) await add(n, text);
    // The room that it took for that is given back.
    expect(statSync(`${path}-wal`).size).toBeLessThan(long / 2);
  });

  test("a sync that fails while it is folded takes nothing that was acknowledged", async () => {
    const text = "x".repeat(3_000);
    const kept: number[] = [];
    for (let n = 1; n <= 300; n += 1) {
      if (n % 50 === 0) {
        disk.isHeld = true;
        const lost = add(n, text);
        await disk.failOne();
        await expect(lost).rejects.toMatchObject({ type: "store_unavailable" });
        await waitFor("it can be written again", () => add(1_000 + n).then(Boolean, () => false));
        kept.push(1_000 + n);
      } else {
        await add(n, text);
        kept.push(n);
      }
    }
    expect(await numbers()).toEqual(kept.toSorted((a, b) => a - b));
    expect(await store.read(() => store.statement("PRAGMA integrity_check").get())).toEqual({
      integrity_check: "ok",
    });
  });
});

const { library, obstacle } = slowSyncLibrary();
describeUnless(obstacle)("the event loop", () => {
  test("waits for no sync, neither of a commit nor of the log's folding", async () => {
    const log = join(folder, "syncs");
    const script = `
      import { rmSync } from "node:fs";
      import { Store } from ${JSON.stringify(pathToFileURL(join(ROOT, "lib/embedded/store.ts")).href)};
      const store = new Store(${JSON.stringify(join(folder, "slow.db"))}, { longLog: 100_000 });
      await store.write(() => store.statement("CREATE TABLE log (n INTEGER PRIMARY KEY, text TEXT)").run());
      rmSync(${JSON.stringify(log)});
      for (let n = 0; store.checkpoints.restarts < 3; n += 1)
        await store.write(() => store.statement("INSERT INTO log VALUES (?, ?)").run(n, "x".repeat(3000)));
      process.kill(process.pid, "SIGKILL");`;
    const child = spawn(NODE, ["--input-type=module", "-e", script], {
      env: { ...process.env, LD_PRELOAD: library, SYNC_LOG: log, SYNC_DELAY_US: "1000" },
      stdio: ["ignore", "inherit", "inherit"],
    });
    await once(child, "close");
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines.filter((line) => line.startsWith("main"))).toEqual([]);
    const synced = new Set(lines.map((line) => line.split("/").at(-1)));
    expect([...synced]).toEqual(expect.arrayContaining(["slow.db-wal", "slow.db"]));
  });

  test("G12 nothing is written until the disk syncs again, however long that takes", async () => {
    const refusing = join(folder, "refusing");
    const script = `
      import { rmSync, writeFileSync } from "node:fs";
      import { Store } from ${JSON.stringify(pathToFileURL(join(ROOT, "lib/embedded/store.ts")).href)};
      const store = new Store(${JSON.stringify(join(folder, "broken.db"))});
      const add = (n) => store.write(() => store.statement("INSERT INTO log VALUES (?)").run(n)).then(() => "ok", (e) => e.type);
      await store.write(() => store.statement("CREATE TABLE log (n INTEGER PRIMARY KEY)").run());
      const said = [await add(1)];
      writeFileSync(${JSON.stringify(refusing)}, "");
      const until = performance.now() + 1500;
      let n = 2;
      do { said.push(await add(n++)); await new Promise((r) => setTimeout(r, 20)); } while (performance.now() < until);
      rmSync(${JSON.stringify(refusing)});
      const refused = new Set(said.slice(1));
      while ((await add(1000)) !== "ok") await new Promise((r) => setTimeout(r, 20));
      const rows = await store.read(() => store.statement("SELECT n FROM log").all());
      console.log(JSON.stringify({ first: said[0], refused: [...refused], rows: rows.map(({ n }) => n) }));
      await store.close();`;
    const child = spawn(NODE, ["--input-type=module", "-e", script], {
      env: { ...process.env, LD_PRELOAD: library, SYNC_FAIL_FILE: refusing },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(child, "close");
    expect(JSON.parse(said)).toEqual({ first: "ok", refused: ["store_unavailable"], rows: [1, 1000] });
  });
});
