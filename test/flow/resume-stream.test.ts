import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("G9 event streams resume", () => {
  test("cut 100 times, also over a restart, the pieces equal an uncut reading", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: Array.from({ length: 300 }, (_, index) => `piece ${index} `), delayMs: 3 }]);
    const [first] = await user.chat(
      { message: "talk for long" },
      { until: (event) => event.event === "run" },
    );
    const run = String(first?.data.run_id);
    const pieces: AnyEvent[] = first ? [first] : [];
    for (let cut = 0; pieces.at(-1)?.event !== "done"; cut += 1) {
      const after = pieces.at(-1)?.id ?? 0;
      let read = 0;
      const more = await user.events(run, after, () => {
        read += 1;
        return read >= 1 + (cut % 5);
      });
      pieces.push(...more);
      if (cut === 20) {
        stack.fake.script([
          { text: Array.from({ length: 300 }, (_, index) => `piece ${index} `), delayMs: 1 },
        ]);
        await stack.restart();
        user.url = stack.server.url;
      }
    }
    expect(auditEvents(pieces)).toEqual([]);
    const uncut = await user.events(run);
    expect(pieces).toEqual(uncut);
    const { body } = await user.call<{ messages: { content: string }[] }>(
      "GET",
      `/sessions/${first?.data.session_id}/messages`,
    );
    expect(body.messages[1]?.content).toBe(textOf(uncut));
  });

  test("after done there is nothing more, beyond the end is a mistake, and so is what is no number", async () => {
    const user = await register(stack.server.url);
    const events = await user.chat({ message: "short" });
    const path = `/agent/runs/${events[0]?.data.run_id}/events`;
    const last = events.at(-1)?.id ?? 0;
    expect((await user.call("GET", `${path}?after=${last}`)).status).toBe(204);
    expect((await user.call("GET", `${path}?after=${last + 1}`)).status).toBe(422);
    expect((await user.call("GET", `${path}?after=x`)).status).toBe(422);
    expect((await user.call("GET", path, undefined, { "Last-Event-ID": "-1" })).status).toBe(422);
  });
});
