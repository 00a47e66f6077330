import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { NOWHERE } from "../../../../contracts/hosts.ts";
import type { CallId, RunId } from "../../../../contracts/ids.ts";
import type { Tool, ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { foundTool } from "../../../../lib/tools/found-tool.ts";
import { Calls, type NodeCall } from "../../../../mac-node/calls/calls.ts";
import { ServerFreeze } from "../../../../mac-node/calls/server-freeze.ts";
import { openContext } from "../../../../mac-node/calls/tool-context.ts";
import { Journal } from "../../../../mac-node/journal/journal.ts";
import { ControlGroups } from "../../../../mac-node/sandbox/control-groups.ts";
import { waitFor } from "../../../support/wait-for.ts";

let folder = "";
let journal: Journal;
let calls: Calls;
/** How often each tool was really run. */
let runs: Record<string, number>;
/** Lets the tools that wait for it end. */
let release: () => void;
let released: Promise<void>;

function tool(name: string, over: Partial<Tool>, work: (context: ToolContext) => Promise<ToolResult>): Tool {
  return {
    name,
    description: name,
    category: "test",
    parameters: z.strictObject({ value: z.string().optional() }),
    risk: "write",
    runsOn: "node",
    ...over,
    execute: (_args, context) => {
      runs[name] = (runs[name] ?? 0) + 1;
      return work(context);
    },
  };
}
const untilStopped = ({ signal }: ToolContext) =>
  new Promise<ToolResult>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("stopped")));
  });

const TOOLS: Tool[] = [
  tool("quick", {}, async () => ({ ok: true, data: "done" })),
  tool("slow", {}, async () => {
    await released;
    return { ok: true, data: "slow" };
  }),
  tool("again", { risk: "read", idempotent: true }, async () => ({ ok: true, data: runs.again })),
  tool("stoppable", {}, untilStopped),
  tool("limited", { timeoutMs: 30 }, untilStopped),
  tool("by_argument", { timeoutMs: () => 30 }, untilStopped),
  tool("throws", {}, async () => {
    throw Object.assign(new Error("it broke\n    at /secret/path.ts:1:2"), { code: "broken" });
  }),
  tool("no_result", {}, async () => undefined as unknown as ToolResult),
  tool("dangerous", { risk: "execute" }, async () => ({ ok: true })),
  tool("sleeper", {}, async ({ run }) => ({ ok: true, data: await run(["sleep", "300"]) })),
  tool("leaves", {}, async ({ run }) => {
    void run(["sleep", "300"]);
    return { ok: true };
  }),
];

async function open(sandboxProblem?: string): Promise<void> {
  journal = await Journal.open(folder);
  const machine = {
    platform: process.platform,
    sandbox: { state: "off" } as const,
    dieWithServer: [],
    groups: new ControlGroups(),
    roots: [folder],
    userHome: folder,
  };
  calls = new Calls({
    journal,
    tools: new Map(TOOLS.map((each) => [each.name, foundTool(each)])),
    sandboxProblem,
    bind: async () => ({ hosts: [], places: [], scripts: [] }),
    frozen: new ServerFreeze(join(folder, "frozen-by-server.json")),
    open: async (call, signal) =>
      openContext({
        callId: call.call_id,
        machine,
        guarded: { hidden: [], protected: [], links: [] },
        workFolder: machine.roots[0] ?? "/",
        approved: false,
        deadlineAt: call.deadline_at,
        reach: NOWHERE,
        signal,
        publish: () => {},
        started: () => {},
      }),
    warn: () => {},
  });
}

/** As after a crash: what is in memory is lost. */
async function restart(): Promise<void> {
  await journal.close();
  await open();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-calls-"));
  runs = {};
  released = new Promise((resolve) => {
    release = resolve;
  });
  await open();
});
afterEach(async () => {
  release();
  await calls.stop();
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

const call = (name: string, over: Partial<Record<keyof NodeCall, unknown>> = {}): NodeCall =>
  ({
    call_id: `call_${name}` as CallId,
    run_id: "run_1" as RunId,
    epoch: 1,
    name,
    args: {},
    approved: false,
    deadline_at: Date.now() + 60_000,
    attempt: 1,
    ...over,
  }) as NodeCall;

describe("a call that is delivered more than once", () => {
  test("G3 joins the one that runs", async () => {
    const both = [calls.execute(call("slow")), calls.execute(call("slow"))];
    await waitFor("it to run", () => runs.slow === 1);
    release();
    const [first, second] = await Promise.all(both);
    expect(first).toEqual(second);
    expect(runs.slow).toBe(1);
  });

  test("G3 answers the stored outcome, also after a restart", async () => {
    const first = await calls.execute(call("quick"));
    expect(first).toMatchObject({ status: "done", result: { ok: true, data: "done" } });
    expect(await calls.execute(call("quick", { attempt: 2, epoch: 7 }))).toEqual(first);
    await restart();
    expect(await calls.execute(call("quick"))).toEqual(first);
    expect(runs.quick).toBe(1);
  });

  test("G3 one that a crash broke off is unknown and is not run again", async () => {
    await journal.append(
      { kind: "seen", call_id: "call_quick", name: "quick", epoch: 1, attempt: 1, at: 0 },
      true,
    );
    await restart();
    expect(await calls.execute(call("quick", { attempt: 2 }))).toMatchObject({
      status: "outcome_unknown",
      result: { ok: false, error: { code: "outcome_unknown" } },
    });
    expect(runs.quick).toBeUndefined();
  });

  test("an idempotent tool runs again for a higher attempt only", async () => {
    await calls.execute(call("again"));
    await calls.execute(call("again"));
    expect(runs.again).toBe(1);
    expect(await calls.execute(call("again", { attempt: 2 }))).toMatchObject({ result: { data: 2 } });
    expect(await calls.execute(call("again", { attempt: 2 }))).toMatchObject({ result: { data: 2 } });
    expect(runs.again).toBe(2);
  });

  test("what was refused before it began may be sent again", async () => {
    expect(await calls.execute(call("quick", { args: { value: 1 } }))).toMatchObject({ status: "failed" });
    expect(await calls.execute(call("quick", { deadline_at: 1 }))).toMatchObject({ status: "failed" });
    expect(await calls.execute(call("quick"))).toMatchObject({ status: "done" });
  });
});

describe("fencing a call", () => {
  test("G3 one that was never seen is refused to former owners from then on, also after a restart", async () => {
    expect(await calls.fence({ call_id: "call_quick", epoch: 5 })).toEqual({ state: "never_seen" });
    await expect(calls.execute(call("quick", { epoch: 4 }))).rejects.toMatchObject({ type: "stale_epoch" });
    await restart();
    await expect(calls.execute(call("quick", { epoch: 4 }))).rejects.toMatchObject({ type: "stale_epoch" });
    expect(runs.quick).toBeUndefined();
    expect(await calls.execute(call("quick", { epoch: 5 }))).toMatchObject({ status: "done" });
  });

  test("G3 holds against a call that arrives while the fence is being written", async () => {
    const fencing = calls.fence({ call_id: "call_quick", epoch: 5 });
    await expect(calls.execute(call("quick", { epoch: 4 }))).rejects.toMatchObject({ type: "stale_epoch" });
    expect(await fencing).toEqual({ state: "never_seen" });
  });

  test("tells of one that runs, one that has ended and one that nobody knows about", async () => {
    const running = calls.execute(call("slow"));
    expect(await calls.fence({ call_id: "call_slow", epoch: 2 })).toEqual({ state: "running" });
    release();
    const outcome = await running;
    expect(await calls.fence({ call_id: "call_slow", epoch: 3 })).toEqual({ state: "ended", outcome });
    await journal.append(
      { kind: "seen", call_id: "call_x", name: "quick", epoch: 1, attempt: 1, at: 0 },
      true,
    );
    expect(await calls.fence({ call_id: "call_x", epoch: 2 })).toEqual({ state: "unknown" });
  });

  test("an attempt of a former owner at an idempotent call is refused too", async () => {
    await calls.execute(call("again"));
    await calls.fence({ call_id: "call_again", epoch: 2 });
    await expect(calls.execute(call("again", { attempt: 2 }))).rejects.toMatchObject({ type: "stale_epoch" });
  });
});

describe("how a call ends", () => {
  test("G11 cancelled while it runs, its outcome says so and its commands are gone", async () => {
    const running = calls.execute(call("sleeper"));
    await waitFor("it to run", () => runs.sleeper === 1);
    calls.cancel("call_sleeper");
    expect(await running).toMatchObject({ status: "cancelled" });
  });

  test("cancelled as it begins, it is not run", async () => {
    const running = calls.execute(call("quick"));
    calls.cancel("call_quick");
    expect(await running).toMatchObject({ status: "cancelled", result: { error: { code: "cancelled" } } });
    expect(runs.quick).toBeUndefined();
  });

  test("G11 cancelled before it came, it is not run when it comes", async () => {
    calls.cancel("call_quick");
    expect(await calls.execute(call("quick"))).toMatchObject({ status: "cancelled" });
    expect(runs.quick).toBeUndefined();
  });

  test("cancelling what has ended changes nothing", async () => {
    const outcome = await calls.execute(call("quick"));
    calls.cancel("call_quick");
    expect(await calls.execute(call("quick"))).toEqual(outcome);
  });

  test("cancelling what is not there is nothing", () => {
    expect(() => calls.cancel("call_none")).not.toThrow();
  });

  test.each(["limited", "by_argument"])("its tool's own limit ends it (%s)", async (name) => {
    expect(await calls.execute(call(name))).toMatchObject({
      status: "failed",
      result: { ok: false, error: { code: "timeout" } },
    });
  });

  test("its deadline ends it", async () => {
    let outcome: Awaited<ReturnType<typeof calls.execute>> | undefined;
    // On a slow disk it may be over before the call has begun.
    for (let ms = 100; ms < 30_000 && outcome?.result?.error?.code !== "timeout"; ms *= 4)
      outcome = await calls.execute(
        call("stoppable", { call_id: `call_deadline_${ms}` as CallId, deadline_at: Date.now() + ms }),
      );
    expect(outcome).toMatchObject({ status: "failed", result: { error: { code: "timeout" } } });
  });

  test("G24 after its deadline it is not run", async () => {
    const outcome = await calls.execute(call("quick", { deadline_at: Date.now() - 1 }));
    expect(outcome).toMatchObject({ status: "failed", result: { error: { code: "deadline" } } });
    expect(runs.quick).toBeUndefined();
  });

  test("an exception is a result with a code and without a stack", async () => {
    const outcome = await calls.execute(call("throws"));
    expect(outcome).toMatchObject({
      status: "failed",
      result: { ok: false, error: { code: "broken", message: "it broke" } },
    });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });

  test("a tool that gives nothing has failed", async () => {
    expect(await calls.execute(call("no_result"))).toMatchObject({
      result: { error: { code: "bad_result" } },
    });
  });

  test("unknown arguments, wrong ones and unknown tools are refused before anything runs", async () => {
    expect(await calls.execute(call("quick", { args: { more: 1 } }))).toMatchObject({
      result: { error: { code: "invalid_arguments", message: expect.stringContaining("more") } },
    });
    expect(await calls.execute(call("quick", { args: "text" }))).toMatchObject({ status: "failed" });
    expect(await calls.execute(call("nothing"))).toMatchObject({
      result: { error: { code: "unknown_tool" } },
    });
    expect(runs).toEqual({});
  });

  test("G29 where the sandbox cannot start, what executes is refused and the rest runs", async () => {
    await journal.close();
    await open("Run: sudo apt-get install bubblewrap");
    expect(await calls.execute(call("dangerous"))).toMatchObject({
      status: "failed",
      result: { error: { code: "sandbox_unavailable", message: expect.stringContaining("apt-get") } },
    });
    expect(await calls.execute(call("quick"))).toMatchObject({ status: "done" });
    expect(runs.dangerous).toBeUndefined();
  });

  test("a command that a tool did not wait for ends with the call", async () => {
    expect(await calls.execute(call("leaves"))).toMatchObject({ status: "done" });
  });

  test("a server that stops ends what runs and says that it was interrupted", async () => {
    const running = calls.execute(call("stoppable"));
    await waitFor("it to run", () => runs.stoppable === 1);
    await calls.stop();
    expect(await running).toMatchObject({ status: "failed", result: { error: { code: "interrupted" } } });
  });

  test("a journal that cannot be written means that it is not run", async () => {
    await rm(folder, { recursive: true });
    expect(await calls.execute(call("quick"))).toMatchObject({
      result: { error: { code: "store_unavailable" } },
    });
    expect(runs.quick).toBeUndefined();
  });

  test("calls run side by side", async () => {
    const many = Array.from({ length: 20 }, (_, n) => calls.execute(call("slow", { call_id: `call_${n}` })));
    await waitFor("all to run at once", () => runs.slow === 20);
    release();
    expect((await Promise.all(many)).every(({ status }) => status === "done")).toBe(true);
  });
});
