import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Store } from "../../../../lib/embedded/store.ts";
import { WorkTable } from "../../../../lib/embedded/work-table.ts";
import { waitFor } from "../../../support/wait-for.ts";

test("work and dead letters of a data folder from before there were priorities go on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-work-"));
  const store = new Store(join(folder, "store.db"));
  const run = (sql: string) => store.write(() => store.statement(sql).run());
  await run(
    "CREATE TABLE work (id TEXT PRIMARY KEY, queue TEXT NOT NULL, key TEXT, payload TEXT NOT NULL, attempt INTEGER NOT NULL, run_at INTEGER, error TEXT)",
  );
  await run(
    "INSERT INTO work VALUES ('evt_1', 'q', 'k', '1', 2, 1, NULL), ('evt_2', 'q', 'k', '2', 11, NULL, 'no')",
  );
  const work = new WorkTable(store, Date.now);
  await work.makeTable();
  await work.makeTable();
  expect(await work.deadLetters(9)).toEqual([
    { id: "evt_2", queue: "q", payload: 2, attempt: 11, reason: "failed", error: "no" },
  ]);
  const seen: unknown[] = [];
  await work.add({ queue: "q", payload: 3, priority: 9 });
  work.handle("q", async ({ payload, attempt }) => void seen.push([payload, attempt]), { concurrency: 1 });
  await waitFor("both", () => seen.length === 2);
  expect(seen).toEqual([
    [3, 1],
    [1, 2],
  ]);
  await work.close();
  await store.close();
  await rm(folder, { recursive: true });
});
