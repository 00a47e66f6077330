import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { UserId } from "../../../../contracts/ids.ts";
import { verifyAudit } from "../../../../lib/audit/chain.ts";
import { AuditTable } from "../../../../lib/embedded/audit-table.ts";
import { Store } from "../../../../lib/embedded/store.ts";

test("G31 the chain goes on behind what is durable when entries could not be written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-audit-"));
  const store = new Store(join(folder, "store.db"));
  const trail = new AuditTable(store);
  await trail.makeTable();
  const add = (subject: string, text = "") =>
    trail.append({ subject, entry: "run.accepted", user_id: "usr_1" as UserId, details: { text } });
  await add("run_1");
  const { page_count } = (await store.read(() => store.statement("PRAGMA page_count").get())) as {
    page_count: number;
  };
  await store.write(() => store.statement(`PRAGMA max_page_count = ${page_count + 2}`).get());
  const lost = await Promise.allSettled([add("run_2"), add("run_3", "x".repeat(100_000))]);
  expect(lost.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await store.write(() => store.statement("PRAGMA max_page_count = 1000000").get());
  await add("run_4");
  const rows = await trail.rows("embedded", 0, 10);
  expect(rows.map(({ seq, subject }) => [seq, subject])).toEqual([
    [1, "run_1"],
    [2, "run_4"],
  ]);
  expect((await verifyAudit(trail)).faults).toEqual([]);
  await store.close();
  await rm(folder, { recursive: true });
});
