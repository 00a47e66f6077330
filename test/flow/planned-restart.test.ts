import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("G5 a planned restart", () => {
  test("in the middle of an answer hands the run over: no death is counted, the step is told anew", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([
      { text: ["half", " never"], gate: new Promise(() => undefined), gateAfter: 1 },
      { text: ["whole"] },
    ]);
    const [first] = await user.chat({ message: "restart" }, { until: ({ event }) => event === "content" });
    const run = String(first?.data.run_id);
    await stack.server.kill("SIGTERM");
    const left = (await stack.records()).runs.find(({ _id }) => _id === run);
    expect(left).toMatchObject({ status: "running", owner: null });
    await stack.restart();
    user.url = stack.server.url;
    const events = await user.events(run);
    expect(auditEvents(events)).toEqual([]);
    expect(textOf(events)).toBe("whole");
    expect((await stack.records()).runs.find(({ _id }) => _id === run)).toMatchObject({
      takeovers: 0,
    });
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
