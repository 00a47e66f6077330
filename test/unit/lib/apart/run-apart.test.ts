// Work in a process of its own: what it may do, and how it ends.
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { residentMemory, residentOf } from "../../../../lib/apart/resident-memory.ts";
import { runApart } from "../../../../lib/apart/run-apart.ts";
import { Turns } from "../../../../lib/apart/turns.ts";
import type { TestTask } from "../../../support/apart-work.ts";

const MODULE = new URL("../../../support/apart-work.ts", import.meta.url);
let folder = "";
let handle: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-apart-"));
  await writeFile(join(folder, "input"), "what was handed over");
  handle = await open(join(folder, "input"));
});
afterEach(async () => {
  await handle.close();
  await rm(folder, { recursive: true });
});

const work = (
  task: TestTask,
  more: { descriptors?: number[]; signal?: AbortSignal; deadlineAt?: number; memoryMb?: number } = {},
) =>
  runApart({
    module: MODULE,
    task,
    descriptors: [handle.fd],
    signal: new AbortController().signal,
    deadlineAt: Date.now() + 60_000,
    ...more,
  });

describe("a process for work on what strangers made", () => {
  test("reads and writes the files that are handed to it open", async () => {
    await using output = await open(join(folder, "output"), "w");
    expect(await work({ what: "read" })).toBe("what was handed over");
    await work({ what: "write" }, { descriptors: [handle.fd, output.fd] });
    expect(await readFile(join(folder, "output"), "utf8")).toBe("written");
  });

  test("G26 knows nothing of the server's environment", async () => {
    expect(Object.keys((await work({ what: "environment" })) as object)).not.toContain("PATH");
  });

  test("G27 opens no other file, makes none and starts no program", async () => {
    const path = join(folder, "input");
    await expect(work({ what: "open", path })).rejects.toThrow("restricted");
    await expect(work({ what: "create", path: join(folder, "new") })).rejects.toThrow("restricted");
    await expect(work({ what: "run" })).rejects.toThrow("restricted");
  });

  test("gives its failures with their code, and faults as damage", async () => {
    await expect(work({ what: "fail" })).rejects.toMatchObject({
      code: "no_text",
      message: "It has no text.",
    });
    await expect(work({ what: "break" })).rejects.toMatchObject({ code: "damaged" });
    await expect(work({ what: "exit" })).rejects.toMatchObject({ code: "damaged" });
  });

  test("is ended before the deadline, however busy it is", async () => {
    const late = work({ what: "loop" }, { deadlineAt: Date.now() + 1_500 });
    await expect(late).rejects.toMatchObject({ code: "timed_out" });
  });

  test("is ended when the call is cancelled, however busy it is", async () => {
    const stopper = new AbortController();
    const cancelled = work({ what: "loop" }, { signal: stopper.signal });
    setTimeout(() => stopper.abort(), 300);
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
  });

  test("that takes too much memory is a failure of the work, not of the server", async () => {
    await expect(work({ what: "fill" })).rejects.toMatchObject({ code: "too_large" });
    await expect(work({ what: "hoard" }, { memoryMb: 300 })).rejects.toMatchObject({ code: "too_large" });
  });

  test("is not started for a call that is over", async () => {
    await expect(work({ what: "read" }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

test("memory of a process is told on Linux, and on macOS as ps does", async () => {
  expect(residentOf("Name:\tnode\nVmRSS:\t   51200 kB\nVmData:\t 1 kB\n")).toBe(51_200 * 1_024);
  expect(await residentMemory(process.pid)).toBeGreaterThan(10_000_000);
  expect(await residentMemory(0)).toBe(0);
});

describe("turns", () => {
  const never = new AbortController().signal;

  test("are so many at a time, the others in their order", async () => {
    const turns = new Turns(2);
    const order: number[] = [];
    const held = [await turns.take(never), await turns.take(never)];
    const waiting = [1, 2].map((number) => turns.take(never).then(() => order.push(number)));
    await Promise.resolve();
    expect(order).toEqual([]);
    for (const turn of held) turn[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  test("are given back once, and not taken by who has left", async () => {
    const turns = new Turns(1);
    const stopper = new AbortController();
    const first = await turns.take(never);
    const left = turns.take(stopper.signal);
    stopper.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    using _second = await turns.take(never);
    let hasThird = false;
    void turns.take(AbortSignal.timeout(10_000)).then(
      () => (hasThird = true),
      () => undefined,
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasThird).toBe(false);
  });
});
