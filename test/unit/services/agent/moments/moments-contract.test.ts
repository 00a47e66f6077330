// Every moment on stores without a common transaction: stopped behind each of its operations, taken over by another process and
// performed again, it leaves what it leaves when nothing happens.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunId } from "../../../../../contracts/ids.ts";
import { pointsOf } from "../../../../../lib/moments.ts";
import { accept, acceptAgain } from "../../../../../services/agent/moments/accept.ts";
import { type Answer, answerApproval, askApprovals } from "../../../../../services/agent/moments/approval.ts";
import { requestCancel } from "../../../../../services/agent/moments/cancel.ts";
import { AGENT_MOMENTS } from "../../../../../services/agent/moments/crash-points.ts";
import { finish } from "../../../../../services/agent/moments/finish.ts";
import { modelAnswered } from "../../../../../services/agent/moments/model-answered.ts";
import { requestStop } from "../../../../../services/agent/moments/stop-call.ts";
import { toolAnswered, toolSent } from "../../../../../services/agent/moments/tool-call.ts";
import { claimRun } from "../../../../../services/agent/ownership/claim-run.ts";
import type { RunDocument } from "../../../../../services/agent/run-document.ts";
import { callsOfRun } from "../../../../../services/agent/runs/calls-of-run.ts";
import { SESSION_MOMENTS } from "../../../../../services/sessions/moments/crash-points.ts";
import { aCall, aStep, openWorld, type Process, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld(20261128);
});
afterEach(() => world.close());

/** What a process does, and what the one that takes the run over does. */
type Scenario = {
  points: string[];
  before(process: Process): Promise<unknown>;
  act(process: Process): Promise<unknown>;
  again(process: Process): Promise<unknown>;
};

const runOf = (process: Process) => process.agent.runs.get(world.runId) as Promise<RunDocument>;
const callsOf = async (process: Process) => callsOfRun(process.agent, await runOf(process));

/** As an owner that died over it is followed by another; before there was a document, nobody follows. */
async function takeOver(process: Process): Promise<RunDocument | null> {
  const run = await process.agent.runs.get(world.runId);
  return run && claimRun(process.agent, world.runId as RunId, run.epoch, true);
}

const accepted = (process: Process) =>
  accept(process.agent, world.caller, world.draft(process), { ifBusy: "reject", isBehind: false });
const answered = async (process: Process) => {
  const run = await runOf(process);
  const calls = [aCall(run, 0), aCall(run, 1)];
  await modelAnswered({ agent: process.agent, run, step: aStep(run, 2), calls, ranMs: 1 });
};
const asked = async (process: Process) => {
  const [run, calls] = [await runOf(process), await callsOf(process)];
  const questions = calls.filter(({ status }) => status === "pending");
  await askApprovals({ agent: process.agent, run, questions, isAllThatIsLeft: true });
};
const stopFirst = async (process: Process) =>
  requestStop(process.agent, (await callsOf(process))[0]?._id as never, world.caller);
const approve: Answer = {
  decision: "approve",
  by: { user_id: "usr_1" as never },
  remember: () => [{ tool: "append_file", decision: "allow" }],
};
const before = async (process: Process, ...steps: ((process: Process) => Promise<unknown>)[]) => {
  for (const step of steps) await step(process);
};

const SCENARIOS: Record<string, Scenario> = {
  accept: {
    points: [...pointsOf([AGENT_MOMENTS[0] as never]), "accept.ensured", "accept.session", "accept.message"],
    before: async () => undefined,
    act: accepted,
    async again(process) {
      const run = await takeOver(process);
      // The hold of a run that never was is freed by the sweep; its client asks again.
      if (!run) return accepted(process);
      return acceptAgain(process.agent, world.caller, run);
    },
  },
  "model answered": {
    points: ["model.answered", "model.called", "model.audited"],
    before: accepted,
    act: answered,
    async again(process) {
      await takeOver(process);
      await answered(process);
    },
  },
  "tool sent": {
    points: ["tool.sent", "tool.audited"],
    before: (process) => before(process, accepted, answered),
    act: async (process) => toolSent(process.agent, (await callsOf(process))[0] as never, 1),
    async again(process) {
      await takeOver(process);
      await toolSent(process.agent, (await callsOf(process))[0] as never, 1);
    },
  },
  "approval asked": {
    points: ["approval.asked", "approval.shown", "approval.audited"],
    before: (process) => before(process, accepted, answered),
    act: asked,
    async again(process) {
      await takeOver(process);
      const open = (await callsOf(process)).some(({ status }) => status === "pending");
      const isShown = (await runOf(process)).status === "waiting_approval";
      // What `reopen` and the loop do: the rest of the questions, and the entries that may be missing.
      if (open || !isShown) await asked(process);
      await world.auditAgain(process);
    },
  },
  cancel: {
    points: ["cancel.requested", "cancel.audited"],
    before: accepted,
    act: (process) => requestCancel(process.agent, world.runId, world.caller),
    again: (process) => requestCancel(process.agent, world.runId, world.caller),
  },
  "stop call": {
    points: ["stop.requested", "stop.audited"],
    before: (process) => before(process, accepted, answered),
    act: stopFirst,
    again: stopFirst,
  },
  finish: {
    points: [
      "finish.decided",
      "finish.settled",
      "finish.left",
      "finish.audited",
      "finish.message",
      "finish.released",
    ],
    before: (process) => before(process, accepted, answered, world.endCalls),
    act: (process) => world.finish(process, finish),
    async again(process) {
      await takeOver(process);
      await world.finish(process, finish);
    },
  },
};

type Picture = Awaited<ReturnType<World["picture"]>>;

/** What the moment leaves in a world of its own when nothing happens. */
async function undisturbed({ before, act }: Scenario): Promise<Picture> {
  const here = world;
  world = await openWorld(7);
  try {
    const process = world.start();
    await before(process);
    await act(process);
    return await world.picture(process);
  } finally {
    await world.close();
    world = here;
  }
}

describe.each(Object.entries(SCENARIOS))("the moment %s", (_name, scenario) => {
  const { points, before, act, again } = scenario;
  let expected: Picture;
  beforeAll(async () => {
    expected = await undisturbed(scenario);
  });

  test.each(points)(
    "G1 G2 G3 stopped at %s and performed again, it is as if nothing had happened",
    async (point) => {
      const dying = world.start();
      await before(dying);
      dying.dieAt(point);
      await Promise.race([act(dying), dying.died]);
      expect(dying.isDead()).toBe(true);
      const next = world.start();
      await again(next);
      expect(await world.picture(next)).toEqual(expected);
    },
  );
});

describe("the moment tool answered", () => {
  test("has one result: whoever comes later with another is refused", async () => {
    const process = world.start();
    await before(process, accepted, answered);
    const sent = await toolSent(process.agent, (await callsOf(process))[0] as never, 1);
    const done = { status: "done" as const, result: { ok: true }, duration_ms: 1 };
    await toolAnswered(process.agent, sent, done);
    await expect(toolAnswered(process.agent, sent, { ...done, status: "failed" })).rejects.toMatchObject({
      type: "stale_epoch",
    });
  });
});

describe("the moment approval answered", () => {
  test("counts the first of many answers at once, and remembers one rule", async () => {
    const process = world.start();
    await before(process, accepted, answered, asked);
    const [call] = await callsOf(process);
    const answers = await Promise.all(
      (["approve", "deny", "approve"] as const).map((decision) =>
        answerApproval(process.agent, world.caller, call?._id as never, { ...approve, decision }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });
});

test("every moment of the agent and of its sessions has a scenario here", () => {
  const covered = new Set([...Object.values(SCENARIOS).flatMap(({ points }) => points)]);
  const elsewhere = ["tool.answered", "approval.answered", "approval.remembered"];
  const all = pointsOf([...AGENT_MOMENTS, ...SESSION_MOMENTS] as never);
  expect(all.filter((point) => !covered.has(point) && !elsewhere.includes(point))).toEqual([]);
});
