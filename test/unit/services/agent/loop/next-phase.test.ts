import { describe, expect, test } from "@jest/globals";
import type { CallId } from "../../../../../contracts/ids.ts";
import { failure, nextPhase, type Seen } from "../../../../../services/agent/loop/next-phase.ts";
import type { CallDocument, StoredStep } from "../../../../../services/agent/run-document.ts";

const step = (calls: number, over: Partial<StoredStep> = {}): StoredStep =>
  ({
    number: 1,
    status: "complete",
    calls: Array.from({ length: calls }, (_, index) => ({ call_id: `call_${index}` as CallId })),
    ...over,
  }) as StoredStep;

const call = (status: CallDocument["status"], decision?: "approve" | "deny"): CallDocument =>
  ({
    status,
    approval: status === "waiting_approval" ? { decision: decision ?? null } : null,
  }) as CallDocument;

function phase(over: Partial<Omit<Seen, "run">> & { steps?: StoredStep[]; finish_reason?: "stop" } = {}) {
  const { steps = [], finish_reason = null, ...seen } = over;
  const run = { steps, finish_reason, options: { max_steps: 2 } } as unknown as Seen["run"];
  return nextPhase({ run, calls: [], stop: undefined, ending: undefined, ...seen });
}

describe("what comes next in a run", () => {
  test("a new one asks, and one whose step has all its results asks again", () => {
    expect(phase()).toEqual({ type: "ask" });
    expect(phase({ steps: [step(2)], calls: [call("done"), call("failed")] })).toEqual({ type: "ask" });
  });

  test.each([
    ["whose document a crash left out", []],
    ["that was not sent", [call("pending")]],
    ["that was sent, by whomever", [call("running")]],
    ["whose question is answered", [call("waiting_approval", "deny")]],
  ])("a call %s is worked", (_what, calls) => {
    expect(phase({ steps: [step(1)], calls })).toMatchObject({ type: "work" });
  });

  test("it waits only when nothing but answers is missing", () => {
    const steps = [step(2)];
    expect(phase({ steps, calls: [call("done"), call("waiting_approval")] })).toEqual({ type: "park" });
    expect(phase({ steps, calls: [call("pending"), call("waiting_approval")] })).toMatchObject({
      type: "work",
    });
  });

  test.each(["cancelled", "deadline", "ended"] as const)(
    "stopped (%s), every call gets its result first, also one that waits, and then it ends",
    (stop) => {
      const steps = [step(1)];
      expect(phase({ steps, calls: [call("waiting_approval")], stop })).toMatchObject({ type: "work" });
      expect(phase({ steps, calls: [call("cancelled")], stop })).toMatchObject({ type: "finish" });
    },
  );

  test("a cancel ends cancelled, a deadline fails", () => {
    expect(phase({ stop: "cancelled" })).toMatchObject({ ending: { status: "cancelled" } });
    expect(phase({ stop: "deadline" })).toMatchObject({
      ending: { status: "failed", finish_reason: "deadline", error: { code: "run_deadline" } },
    });
  });

  test("an ending that is known already counts before all but the results of its calls", () => {
    const ending = failure("run_poisoned");
    expect(phase({ ending })).toEqual({ type: "finish", ending });
    expect(phase({ ending, stop: "ended" })).toEqual({ type: "finish", ending });
    expect(phase({ ending, steps: [step(1)], calls: [call("waiting_approval")] })).toMatchObject({
      type: "work",
    });
  });

  test("a whole answer without calls is the end; a limit of steps ends what would go on", () => {
    expect(phase({ steps: [step(0)] })).toMatchObject({
      ending: { status: "completed", finish_reason: "stop" },
    });
    const steps = [step(1), step(1, { number: 2 })];
    expect(phase({ steps, calls: [call("done")] })).toMatchObject({ ending: { finish_reason: "max_steps" } });
  });

  test("an end that was decided is repeated, whatever else there is", () => {
    expect(
      phase({ finish_reason: "stop", steps: [step(1)], calls: [call("pending")], stop: "deadline" }),
    ).toEqual({
      type: "finish_again",
    });
  });
});
