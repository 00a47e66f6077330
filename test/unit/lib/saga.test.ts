import { describe, expect, test } from "@jest/globals";
import { Errors } from "moleculer";
import { runSaga, type SagaStep } from "../../../lib/saga.ts";

function recorder() {
  const log: string[] = [];
  const step = (name: string, faults: { do?: string; undo?: string } = {}): SagaStep => ({
    name,
    async do() {
      log.push(`do ${name}`);
      if (faults.do) throw new Error(faults.do);
    },
    async undo() {
      log.push(`undo ${name}`);
      if (faults.undo) throw new Error(faults.undo);
    },
  });
  return { log, step };
}

describe("a saga", () => {
  test("does its steps in order and undoes nothing when all succeed", async () => {
    const { log, step } = recorder();
    await runSaga([step("one"), step("two")], () => {});
    expect(log).toEqual(["do one", "do two"]);
  });

  test("undoes in reverse, the failed step included because it may have happened, and throws its error", async () => {
    const { log, step } = recorder();
    const saga = runSaga([step("one"), step("two", { do: "no" }), step("three")], () => {});
    await expect(saga).rejects.toThrow("no");
    expect(log).toEqual(["do one", "do two", "undo two", "undo one"]);
  });

  test("goes on undoing when an undo fails, and says which did", async () => {
    const { log, step } = recorder();
    const failed: string[] = [];
    const saga = runSaga([step("one"), step("two", { undo: "stuck" }), step("three", { do: "no" })], (name) =>
      failed.push(name),
    );
    await expect(saga).rejects.toThrow("no");
    expect(log.slice(3)).toEqual(["undo three", "undo two", "undo one"]);
    expect(failed).toEqual(["two"]);
  });

  test("undoes nothing when nobody answered in time, and says what is left: it may still happen", async () => {
    const { log, step } = recorder();
    const left: string[] = [];
    const late: SagaStep = {
      ...step("two"),
      do: () => Promise.reject(new Errors.RequestTimeoutError({ action: "two", nodeID: "here" })),
    };
    const saga = runSaga([step("one"), late, step("three")], (name) => left.push(name));
    await expect(saga).rejects.toMatchObject({ type: "REQUEST_TIMEOUT" });
    expect(log).toEqual(["do one"]);
    expect(left).toEqual(["two", "one"]);
  });
});
