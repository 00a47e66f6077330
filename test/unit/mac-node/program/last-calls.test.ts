import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Journal } from "../../../../mac-node/journal/journal.ts";
import { lastCalls } from "../../../../mac-node/program/last-calls.ts";

let folder = "";
let journal: Journal;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-last-"));
  journal = await Journal.open(folder);
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

async function call(id: string, at: number, ended?: "done" | "failed"): Promise<void> {
  await journal.append({ kind: "seen", call_id: id, name: `tool_${id}`, epoch: 1, attempt: 1, at }, true);
  const outcome = { status: ended ?? "done", result: { ok: ended === "done" }, duration_ms: 1 } as const;
  if (ended) await journal.append({ kind: "ended", call_id: id, at: at + 5, outcome }, true);
}

test("the last calls come newest first, with how they ended, beside the process that writes", async () => {
  await call("a", 1_000, "done");
  await call("b", 2_000, "failed");
  await call("c", 3_000);
  // A line that is being written, and one that a crash has torn.
  const [file = ""] = readdirSync(folder);
  appendFileSync(join(folder, file), '{"kind":"seen","call_id":"d"');
  expect(await lastCalls(folder, 2)).toEqual([
    { id: "c", tool: "tool_c", at: 3_000 },
    { id: "b", tool: "tool_b", at: 2_000, status: "failed", endedAt: 2_005 },
  ]);
  expect(await lastCalls(join(folder, "nowhere"), 2)).toEqual([]);
});
