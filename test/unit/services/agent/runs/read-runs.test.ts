import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../../../../contracts/access.ts";
import type { UserId } from "../../../../../contracts/ids.ts";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import type { Documents } from "../../../../../lib/ports/documents.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { NO_USAGE, RUNS, type RunDocument } from "../../../../../services/agent/run-document.ts";
import { listRuns } from "../../../../../services/agent/runs/read-runs.ts";

const user_id = "usr_1" as UserId;
const caller: Caller = { user_id, role: "free_user", plan: "free", scopes: "all" };

let home: string;
let ports: EmbeddedPorts;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-runs-"));
  ports = await openEmbeddedPorts({ home });
});
afterAll(async () => {
  await ports.close();
  await rm(home, { recursive: true });
});

test("pages of a status reach those that lie far behind others, however many are looked at for one page", async () => {
  const runs: Documents<RunDocument> = ports.documents(RUNS);
  const begin = Date.parse("2026-11-24T00:00:00.000Z");
  const status = (index: number) => (index < 3 ? "failed" : "completed");
  await Promise.all(
    Array.from({ length: 2_500 }, (_, index) =>
      runs.insert({
        _id: `run_${String(index).padStart(5, "0")}`,
        user_id,
        status: status(index),
        steps: [],
        usage: NO_USAGE,
        created_at: new Date(begin + index).toISOString(),
      } as unknown as RunDocument),
    ),
  );
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const asked = { status: "failed" as const, limit: 2, ...(cursor ? { cursor } : {}) };
    const page = await listRuns({ runs } as AgentContext, caller, asked);
    found.push(...page.runs.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  expect(found).toEqual(["run_00002", "run_00001", "run_00000"]);
});
