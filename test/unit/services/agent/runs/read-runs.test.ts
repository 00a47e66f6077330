import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../../../../contracts/access.ts";
import type { UserId } from "../../../../../contracts/ids.ts";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import type { Documents } from "../../../../../lib/ports/documents.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import {
  CALLS,
  type CallDocument,
  NO_USAGE,
  RUNS,
  type RunDocument,
} from "../../../../../services/agent/run-document.ts";
import { listApprovals } from "../../../../../services/agent/runs/list-approvals.ts";
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

function stored(id: string, more: Partial<Record<keyof RunDocument, unknown>>): RunDocument {
  return { _id: id, steps: [], usage: NO_USAGE, ...more } as unknown as RunDocument;
}

test("a list of somebody else's session, or of another key's, tells nothing of its runs, in no cursor either", async () => {
  const runs: Documents<RunDocument> = ports.documents(RUNS);
  const begin = Date.parse("2026-11-25T00:00:00.000Z");
  await Promise.all(
    Array.from({ length: 1_200 }, (_, index) =>
      runs.insert(
        stored(`run_x${index}`, {
          user_id: "usr_2",
          session_id: "ses_2",
          created_at: new Date(begin + index).toISOString(),
        }),
      ),
    ),
  );
  const key = { ...caller, user_id: "usr_2" as UserId, key_id: "key_1" as never, scopes: ["chat" as const] };
  for (const asking of [caller, key])
    expect(
      await listRuns({ runs } as AgentContext, asking, { session_id: "ses_2" as never, limit: 1 }),
    ).toEqual({
      runs: [],
      next_cursor: null,
    });
});

test("runs with large results come in smaller pages, each once", async () => {
  const runs: Documents<RunDocument> = ports.documents(RUNS);
  const calls: Documents<CallDocument> = ports.documents(CALLS);
  const large = { ...caller, user_id: "usr_3" as UserId };
  for (let index = 0; index < 5; index += 1) {
    const call_id = `call_${index}`;
    await runs.insert(
      stored(`run_y${index}`, {
        user_id: "usr_3",
        steps: [{ number: 1, calls: [{ call_id }], usage: NO_USAGE }],
        created_at: new Date(Date.parse("2026-11-26T00:00:00.000Z") + index).toISOString(),
      }),
    );
    const result = { ok: true, data: "x".repeat(5 * 1024 * 1024) };
    await calls.insert({ _id: call_id, run_id: `run_y${index}`, step: 1, index: 0, result } as never);
  }
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const asked = { limit: 100, ...(cursor ? { cursor } : {}) };
    const page = await listRuns({ runs, calls } as AgentContext, large, asked);
    pages.push(page.runs.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  expect(pages).toEqual([["run_y4"], ["run_y3"], ["run_y2"], ["run_y1"], ["run_y0"]]);
});

test("of questions about very long arguments the first ones are listed, the others when those have their answer", async () => {
  const runs: Documents<RunDocument> = ports.documents(RUNS);
  const calls: Documents<CallDocument> = ports.documents(CALLS);
  const asked = { ...caller, user_id: "usr_4" as UserId };
  await runs.insert(stored("run_z", { user_id: "usr_4", created_at: "2026-11-27T00:00:00.000Z" }));
  const question = (index: number) => ({
    ...{ _id: `call_z${index}`, run_id: "run_z", user_id: "usr_4", session_id: "ses_4", step: 1, index },
    ...{ args: { content: "x".repeat(5 * 1024 * 1024) }, status: "waiting_approval", asked: 1 },
    approval: { asked_at: `2026-11-27T00:00:0${index}.000Z`, decision: null },
  });
  for (const index of [0, 1, 2]) await calls.insert(question(index) as never);
  const ask = async (_caller: Caller, name: string) =>
    name === "tools.questions" ? { approvals: [] } : { session: { title: "mine" } };
  const context = { runs, calls, ask } as unknown as AgentContext;
  const listed = async () => (await listApprovals(context, asked)).map(({ call_id }) => call_id);
  expect(await listed()).toEqual(["call_z0"]);
  await calls.compareAndSet("call_z0", {}, { $set: { status: "done", asked: null } });
  expect(await listed()).toEqual(["call_z1"]);
});
