import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallOutcome } from "../../../../contracts/tools.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";

let base = "";
let folder = "";
let journal: Journal;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "macjarvis-journal-"));
  folder = join(base, "node");
  journal = await Journal.open(folder);
});
afterEach(async () => {
  await journal.close();
  await rm(base, { recursive: true, force: true });
});

const DAY_MS = 86_400_000;
const seen = (call_id: string, attempt = 1) =>
  ({ kind: "seen", call_id, name: "write_file", epoch: 1, attempt, at: 0 }) as const;
const outcome = (data: unknown): CallOutcome => ({
  status: "done",
  result: { ok: true, data },
  duration_ms: 1,
});
const ended = (call_id: string, data: unknown = "fine") =>
  ({ kind: "ended", call_id, at: 0, outcome: outcome(data) }) as const;

async function reopened(now?: () => number): Promise<Journal> {
  await journal.close();
  journal = await Journal.open(folder, now);
  return journal;
}
async function onlyFile(): Promise<string> {
  const [name = ""] = await readdir(folder);
  return join(folder, name);
}

describe("the node's journal", () => {
  test("G3 what began and how it ended is known after a restart", async () => {
    await journal.append(seen("call_1"), true);
    await journal.append(ended("call_1", "漢字"), true);
    await journal.append(seen("call_2"), true);
    const again = await reopened();
    expect(await again.outcome("call_1")).toEqual(outcome("漢字"));
    expect(await again.outcome("call_2")).toBeUndefined();
    expect(again.unfinished().map(({ callId }) => callId)).toEqual(["call_2"]);
    expect(again.entry("call_3")).toBeUndefined();
  });

  test("outcomes are read where they stand, also of many written together", async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `call_${n}`);
    await Promise.all(ids.map((id) => journal.append(ended(id, id.repeat(20)), true)));
    for (const id of ids) expect(await journal.outcome(id)).toEqual(outcome(id.repeat(20)));
    const again = await reopened();
    for (const id of ids) expect(await again.outcome(id)).toEqual(outcome(id.repeat(20)));
  });

  test("outcomes longer than a piece of reading are whole", async () => {
    await journal.append(ended("call_1", "x".repeat(300_000)), false);
    await journal.append(ended("call_2", "y".repeat(1_000_000)), false);
    const again = await reopened();
    expect(await again.outcome("call_2")).toEqual(outcome("y".repeat(1_000_000)));
  });

  test("a line that a crash tore is cut off, and what is written next is whole", async () => {
    await journal.append(seen("call_1"), true);
    await appendFile(await onlyFile(), '{"kind":"ended","call_id":"call_1","at":0,"outc');
    let again = await reopened();
    expect(again.damaged).toBe(0);
    expect(again.unfinished()).toHaveLength(1);
    await again.append(ended("call_1"), true);
    again = await reopened();
    expect(await again.outcome("call_1")).toEqual(outcome("fine"));
  });

  test("a damaged line is counted and the others are read", async () => {
    await journal.append(seen("call_1"), true);
    await appendFile(await onlyFile(), 'what is this\n{"kind":"other"}\n');
    const again = await reopened();
    expect(again.damaged).toBe(2);
    expect(again.entry("call_1")?.attempt).toBe(1);
  });

  test("a new attempt begins again, without the outcome of the one before", async () => {
    await journal.append(seen("call_1"), true);
    await journal.append(ended("call_1"), true);
    await journal.append(seen("call_1", 2), true);
    expect(await journal.outcome("call_1")).toBeUndefined();
    expect((await reopened()).unfinished()).toHaveLength(1);
  });

  test("a fence holds at once and after a restart, and is never lowered", async () => {
    const written = journal.append({ kind: "fenced", call_id: "call_1", epoch: 5, at: 0 }, true);
    expect(journal.entry("call_1")?.fencedBefore).toBe(5);
    await written;
    await journal.append({ kind: "fenced", call_id: "call_1", epoch: 3, at: 0 }, true);
    expect((await reopened()).entry("call_1")).toMatchObject({ attempt: 0, fencedBefore: 5 });
    expect(journal.unfinished()).toEqual([]);
  });

  test("days that are long gone are removed at start, the last seven are kept", async () => {
    const today = Date.UTC(2026, 10, 24, 12);
    for (const days of [9, 8, 7, 1]) {
      const earlier = await reopened(() => today - days * DAY_MS);
      await earlier.append(seen(`call_${days}`), true);
    }
    const again = await reopened(() => today);
    expect(again.unfinished().map(({ callId }) => callId)).toEqual(["call_7", "call_1"]);
    expect(await readdir(folder)).toEqual(["calls-2026-11-17.jsonl", "calls-2026-11-23.jsonl"]);
  });

  test("what was written last is known also after a clock that was wrong for a while", async () => {
    const today = Date.UTC(2026, 10, 24, 12);
    let now = today;
    const running = await reopened(() => now);
    await running.append(seen("call_1"), true);
    await running.append(ended("call_1"), true);
    now = Date.UTC(2040, 0, 1);
    await running.append(seen("call_2"), true);
    expect(running.entry("call_1")).toBeDefined();
    expect(await running.outcome("call_1")).toEqual(outcome("fine"));
    await reopened(() => Date.UTC(2041, 0, 1));
    expect((await reopened(() => today)).entry("call_1")).toMatchObject({ attempt: 1 });
  });

  test("days that are long gone are forgotten while it runs, too", async () => {
    let now = Date.UTC(2026, 10, 24, 12);
    const running = await reopened(() => now);
    await running.append(seen("call_old"), true);
    now += 4 * DAY_MS;
    await running.append(seen("call_1"), true);
    expect(running.entry("call_old")).toBeDefined();
    now += 4 * DAY_MS;
    await running.append(ended("call_1"), true);
    expect(running.entry("call_old")).toBeUndefined();
    expect(await running.outcome("call_1")).toEqual(outcome("fine"));
    expect(await readdir(folder)).toEqual(["calls-2026-11-28.jsonl", "calls-2026-12-02.jsonl"]);
  });

  test("G3 a day that is full keeps that calls ended and how, not their results", async () => {
    await journal.close();
    journal = await Journal.open(folder, Date.now, 10_000);
    await journal.append(ended("call_1", "x".repeat(20_000)), true);
    await journal.append(ended("call_2", "y".repeat(20_000)), true);
    expect(await journal.outcome("call_1")).toEqual(outcome("x".repeat(20_000)));
    expect(await journal.outcome("call_2")).toMatchObject({
      status: "done",
      result: { ok: true, truncated: true },
    });
    expect((await stat(await onlyFile())).size).toBeLessThan(21_000);
  });

  test("a call may end on another day than it began", async () => {
    let now = Date.UTC(2026, 10, 24, 23, 59);
    const midnight = await reopened(() => now);
    await midnight.append(seen("call_1"), true);
    now += 120_000;
    await midnight.append(ended("call_1"), true);
    expect(await readdir(folder)).toHaveLength(2);
    expect(await (await reopened(() => now)).outcome("call_1")).toEqual(outcome("fine"));
  });

  test("nobody else may read it", async () => {
    await journal.append(seen("call_1"), true);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(await onlyFile())).mode & 0o777).toBe(0o600);
  });

  test("a folder that cannot be written refuses the line, in words", async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, "a file where the folder was");
    await expect(journal.append(seen("call_1"), true)).rejects.toMatchObject({ type: "store_unavailable" });
    expect(journal.entry("call_1")).toBeUndefined();
    expect(await readFile(folder, "utf8")).toBe("a file where the folder was");
  });
});
