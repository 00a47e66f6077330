import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, register, textOf } from "../support/client.ts";
import { fillDisk, freeDisk, noFullDisk } from "../support/full-disk.ts";
import { onCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { testUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ RUN_DEADLINE_S: "1.5" });
});
afterAll(() => stack.stop());

const never = () => new Promise(() => undefined);
const nameOf = (events: AnyEvent[], name: string) => events.filter(({ event }) => event === name);

/** How the contract ends a run whose time is over. */
function expectDeadline(events: AnyEvent[]): void {
  expect(auditEvents(events)).toEqual([]);
  expect(nameOf(events, "error")).toHaveLength(1);
  expect(nameOf(events, "error")[0]?.data).toMatchObject({ code: "run_deadline" });
  expect(events.at(-1)?.data).toMatchObject({ status: "failed", finish_reason: "deadline" });
}

/** A whole deadline passes: that of another run. */
async function deadlinePasses(user: User): Promise<void> {
  stack.fake.script([{ gate: never() }]);
  expectDeadline(await user.chat({ message: "hang" }));
}

/** A run that had come so far when its deadline came: on a busy machine it comes too early for some. */
function runThatGot(user: User, what: string, message: string, so: (events: AnyEvent[]) => boolean) {
  return waitFor(what, async () => {
    const events = await user.chat({ message });
    expectDeadline(events);
    return so(events) && events;
  });
}

describe("G4 every run ends at its deadline", () => {
  test("when the model says nothing at all", async () => {
    await deadlinePasses(await register(stack.server.url));
  });

  test("when the model stops in the middle: what came is kept as incomplete and charged", async () => {
    const user = await register(stack.server.url);
    stack.fake.script(() => ({ text: ["kept ", "never"], gate: never(), gateAfter: 1 }));
    const events = await runThatGot(user, "a half answer", "hang", (told) => textOf(told) === "kept ");
    const { body } = await user.call<{ messages: { content: string; status: string }[] }>(
      "GET",
      `/sessions/${events[0]?.data.session_id}/messages`,
    );
    expect(body.messages[1]).toMatchObject({ content: "kept ", status: "incomplete" });
    await waitFor("the model's socket is closed", () => stack.fake.requests.at(-1)?.closed);
    stack.fake.script();
  });

  test("when a command does not want to end, and another call still asks", async () => {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
    const command = "trap '' TERM INT; while true; do sleep 0.1; done";
    const path = join(stack.workspace, "never.txt");
    const message = [
      `call:execute_shell_command ${JSON.stringify({ command })}`,
      `call:write_file ${JSON.stringify({ path, content: "x" })}`,
    ].join("\n");
    const asked = (told: AnyEvent[]) => nameOf(told, "approval_required").length === 1;
    const events = await runThatGot(user, "a command and a question", message, asked);
    const results = nameOf(events, "tool_result").map(({ data }) => data);
    expect(results).toMatchObject([{ status: "cancelled" }, { status: "cancelled" }]);
  });

  test("waiting for an answer does not count", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "late.txt");
    const message = `call:write_file ${JSON.stringify({ path, content: "x", overwrite: true })}`;
    // What counts may be too much on a busy machine, but not every time.
    await waitFor("a run is completed whose answer came after its deadline", async () => {
      const asked = await user.chat({ message }, { until: ({ event }) => event === "approval_required" });
      await deadlinePasses(user);
      const [run, call] = [asked[0]?.data.run_id, asked.at(-1)?.data.call_id];
      await user.call("POST", `/agent/runs/${run}/approvals/${call}`, { decision: "approve" });
      return (await user.events(String(run))).at(-1)?.data.status === "completed";
    });
  });

  testUnless(
    onCluster("one process on its own disk; of stores that are away: mongo-faults, postgres-faults") ??
      noFullDisk,
  )(
    "when the store was away meanwhile: as soon as it is back, without a question more to the model",
    async () => {
      const user = await register(stack.server.url);
      const gate = Promise.withResolvers<void>();
      stack.fake.script(() => ({ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }));
      // On a slow machine its deadline may pass before there is a full disk.
      const begun = await waitFor("a run that had begun and could not end", async () => {
        const told = await user.chat({ message: "hang" }, { until: ({ event }) => event === "content" });
        if (told.at(-1)?.event !== "content") return false;
        const stopped = () => stack.server.output().split("a run stopped").length;
        const before = stopped();
        fillDisk(stack.server.pid);
        const ended = async () =>
          (await user.call<{ run: { status: string } }>("GET", `/agent/runs/${told[0]?.data.run_id}`)).body
            .run.status !== "running";
        const isOver = await waitFor("its deadline", async () => stopped() > before || (await ended()));
        if (isOver && stopped() > before) return told;
        freeDisk(stack.server.pid);
        return false;
      });
      const asked = stack.fake.requests.length;
      freeDisk(stack.server.pid);
      expectDeadline(await user.events(String(begun[0]?.data.run_id)));
      expect(stack.fake.requests.length).toBe(asked);
      gate.resolve();
    },
  );

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
