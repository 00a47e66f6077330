// Waiting work on PostgreSQL: several workers, one that is killed or stands still, a server that is restarted in the middle.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { PATIENCE } from "../../lib/cluster/postgres/pool.ts";
import { PostgresWork, type WorkOptions } from "../../lib/cluster/postgres/postgres-work.ts";
import type { WorkTables } from "../../lib/cluster/postgres/work-migrations.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";
import type { Signals } from "../../lib/ports/signals.ts";
import { workContract } from "../support/contracts/work-contract.ts";
import { tapped } from "../support/tapped-postgres.ts";
import { killOthers, usePostgres } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const { server, opened } = usePostgres();

const workers: PostgresWork[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await Promise.all(workers.splice(0).map((work) => work.close()));
});

/** As a process of its own has it. */
async function worker(url: string, options: WorkOptions = {}, signals: Signals = processSignals()) {
  const work = new PostgresWork(opened(url, { patience: PATIENCE }), signals, { pollMs: 200, ...options });
  await work.makeTable();
  workers.push(work);
  return work;
}

async function openPorts() {
  const work = await worker(await newDatabase(server()), {}, processSignals());
  return { ports: { work }, close: () => work.close() };
}

workContract("PostgreSQL", openPorts);

/** What ran, whether one item ran twice at a time, and what ran again without being told that it is a repetition. */
function watched() {
  const running = new Set<unknown>();
  const done: unknown[] = [];
  const unannounced: unknown[] = [];
  let overlaps = 0;
  const handler = async ({ payload, attempt }: { payload: unknown; attempt: number }) => {
    if (done.includes(payload) && attempt === 1) unannounced.push(payload);
    if (running.has(payload)) overlaps += 1;
    running.add(payload);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    running.delete(payload);
    done.push(payload);
  };
  return { handler, done, unannounced, overlaps: () => overlaps };
}

describe("several workers", () => {
  test("share a queue, and none does what another one has", async () => {
    const url = await newDatabase(server());
    const all = await Promise.all([1, 2, 3, 4].map(() => worker(url)));
    const { handler, done, overlaps } = watched();
    const by = [0, 0, 0, 0];
    const { promise: allHaveBegun, resolve } = Promise.withResolvers<void>();
    for (const [n, work] of all.entries())
      work.handle("q", async (item) => {
        by[n] = (by[n] ?? 0) + 1;
        if (by.every((count) => count > 0)) resolve();
        // Or the others could do all of it before a slow one has looked.
        await allHaveBegun;
        await handler(item);
      });
    await Promise.all(Array.from({ length: 200 }, (_, n) => all[n % 4]?.add({ queue: "q", payload: n })));
    await waitFor("all are done", () => done.length >= 200);
    await Promise.all(all.map((work) => work.close()));
    expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(overlaps()).toBe(0);
    expect(by.every((count) => count > 0)).toBe(true);
  });

  test("are woken by a signal, long before they would look", async () => {
    const url = await newDatabase(server());
    const signals = processSignals();
    const [adding, working] = await Promise.all(
      [1, 2].map(() => worker(url, { pollMs: 3_600_000 }, signals)),
    );
    const done: unknown[] = [];
    working?.handle("q", async ({ payload }) => void done.push(payload));
    await adding?.add({ queue: "q", payload: "first" });
    await waitFor("it is done", () => done.length === 1);
    await adding?.add({ queue: "q", payload: "at its time", runAt: Date.now() + 700 });
    await waitFor("it is done", () => done.length === 2);
  });

  test("find without any signal what waits", async () => {
    const url = await newDatabase(server());
    const [adding, working] = await Promise.all([1, 2].map(() => worker(url)));
    const done: unknown[] = [];
    working?.handle("q", async ({ payload }) => void done.push(payload));
    await adding?.add({ queue: "q", payload: 1 });
    await waitFor("it is done", () => done.length === 1);
  });

  test("take what was taken and not begun when a handler ends, at once", async () => {
    const url = await newDatabase(server());
    const [first, second] = await Promise.all([1, 2].map(() => worker(url, { leaseMs: 3_600_000 })));
    const done: unknown[] = [];
    for (let n = 0; n < 20; n += 1) await second?.add({ queue: "q", payload: n });
    const end = first?.handle("q", async ({ payload }) => void done.push(payload), { concurrency: 3 });
    await waitFor("one is done", () => done.length > 0);
    end?.();
    second?.handle("q", async ({ payload }) => void done.push(payload));
    await waitFor("all are done", () => done.length === 20);
    expect(new Set(done).size).toBe(20);
  });
});

test("what is added in one breath, taken at one look and done at once is one statement each, and one signal", async () => {
  const asked: string[] = [];
  const postgres = tapped(opened(await newDatabase(server()), { patience: PATIENCE }), {
    asked: (words) => asked.push(words),
  });
  const signals = processSignals();
  let told = 0;
  signals.subscribe("work.q", () => {
    told += 1;
  });
  const work = new PostgresWork(postgres, signals, { pollMs: 3_600_000 });
  workers.push(work);
  await work.makeTable();
  asked.length = 0;
  const all = Array.from({ length: 50 }, (_, n) => n);
  await Promise.all([...all, ...all].map((n) => work.add({ queue: "q", payload: n, key: String(n) })));
  expect([asked.splice(0), told]).toEqual([["insert into work"], 1]);
  const done: unknown[] = [];
  work.handle("q", async ({ payload }) => void done.push(payload), { concurrency: 60 });
  await waitFor("all are done and gone", async () => {
    const left = await postgres.sql<WorkTables>().selectFrom("work").select("id").execute();
    return left.length === 0;
  });
  expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(all);
  const ofWork = asked.filter((words) => words !== "SelectQueryNode");
  // The second look is for what was added before somebody listened.
  expect(ofWork.filter((words) => !words.startsWith("with"))).toEqual(["delete from work"]);
  expect(ofWork.length).toBeLessThanOrEqual(3);
});

describe("a worker that ends without a word", () => {
  const script = join(import.meta.dirname, "../support/work-until-killed.ts");
  const start = async (url: string, leaseMs: number) => {
    const child = spawn(process.execPath, [script, url, String(leaseMs)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return { child, line: line.toString() };
  };

  test("leaves its work to another one, when its lease is over and not before", async () => {
    const url = await newDatabase(server());
    const leaseMs = 5_000;
    const work = await worker(url, { leaseMs });
    await work.add({ queue: "q", payload: "left" });
    const { child, line } = await start(url, leaseMs);
    expect(line).toBe("begun 1\n");
    const seen: [unknown, number][] = [];
    work.handle("q", async ({ payload, attempt }) => void seen.push([payload, attempt]));
    const rows = opened(url, { patience: PATIENCE }).sql<WorkTables>();
    const leasedUntil = async () =>
      (await rows.selectFrom("work").select("run_at").execute())[0]?.run_at ?? 0;
    const first = await leasedUntil();
    // Longer than a lease: it lives and renews it, and nobody takes its work.
    await waitFor("it is renewed for two leases more", async () => {
      const until = await leasedUntil();
      expect(seen).toEqual([]);
      return until > first + leaseMs * 2;
    });
    child.kill("SIGKILL");
    await waitFor("it is done", () => seen.length === 1);
    expect(seen).toEqual([["left", 2]]);
  });

  test("is counted, so that work which kills its workers ends as a dead letter", async () => {
    const url = await newDatabase(server());
    const work = await worker(url, { leaseMs: 500 });
    await work.add({ queue: "q", payload: "deadly" });
    for (const attempt of [1, 2]) {
      const { child, line } = await start(url, 500);
      expect(line).toBe(`begun ${attempt}\n`);
      child.kill("SIGKILL");
    }
    let begun = 0;
    work.handle(
      "q",
      async () => {
        begun += 1;
      },
      { maxAttempts: 2 },
    );
    const [dead] = await waitFor("the dead letter", async () => {
      const letters = await work.deadLetters(9);
      return letters.length === 1 && letters;
    });
    expect(dead).toMatchObject({
      payload: "deadly",
      reason: "failed",
      error: expect.stringMatching(/ended before/),
    });
    expect(begun).toBe(0);
  });

  test("and stands still finds that its work is not its own any more", async () => {
    const url = await newDatabase(server());
    const [slow, other] = [await worker(url, { leaseMs: 400 }), await worker(url)];
    const aborted = Promise.withResolvers<void>();
    const said = join(await mkdtemp(join(tmpdir(), "macjarvis-work-")), "said");
    const end = slow.handle("q", async (_item, signal) => {
      // Once it has lost it, it must not begin it again.
      end();
      const output = openSync(said, "a");
      children.push(
        spawn(process.execPath, [script, url, "60000"], { stdio: ["ignore", output, "inherit"] }),
      );
      // As a process that is stopped, until another one has begun it: nothing of it goes on.
      while (!readFileSync(said, "utf8").includes("\n"));
      if (!signal.aborted) await once(signal, "abort");
      aborted.resolve();
    });
    await other.add({ queue: "q", payload: 1 });
    await aborted.promise;
    expect(readFileSync(said, "utf8")).toBe("begun 2\n");
    // What it says of it now changes nothing.
    await slow.close();
    expect(await other.deadLetters(9)).toEqual([]);
  });
});

describe("the server", () => {
  test("restarted and killed in the middle loses nothing that was added, and what it may have to repeat is told so", async () => {
    const url = await newDatabase(server());
    const all = await Promise.all([1, 2].map(() => worker(url)));
    const { handler, done, unannounced, overlaps } = watched();
    for (const work of all) work.handle("q", handler);
    const added: number[] = [];
    let n = 0;
    let isOver = false;
    const adding = (async () => {
      while (!isOver) {
        n += 1;
        const id = n;
        await all[id % 2]?.add({ queue: "q", payload: id, key: String(id) }).then(
          () => added.push(id),
          () => undefined,
        );
      }
    })();
    try {
      for (const fault of [
        () => killOthers(url),
        () => server().restart(),
        () =>
          server()
            .kill()
            .then(() => server().restart()),
      ]) {
        const before = done.length;
        await waitFor("some are done", () => done.length > before + 20);
        await fault();
      }
      const before = done.length;
      await waitFor("it goes on", () => done.length > before + 20);
    } finally {
      isOver = true;
    }
    await adding;
    await waitFor(
      "all are done",
      () => new Set(done).size >= added.length && added.every((id) => done.includes(id)),
    );
    // An end that could not be written for as long as the lease is, as on a machine that stands still, is work that is not done.
    expect(unannounced).toEqual([]);
    expect(overlaps()).toBe(0);
    expect(await all[0]?.deadLetters(9)).toEqual([]);
  });
});
