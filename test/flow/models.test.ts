import { access } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { audit, auditEvents } from "../support/auditor.ts";
import { type AnyEvent, register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    FALLBACK_MODELS: "openai/other",
    MODELS: "openai/fake,openai/other,anthropic/claude-haiku-4-5",
  });
});
afterAll(() => stack.stop());

const of = (events: AnyEvent[], name: string) =>
  events.filter((event) => event.event === name).map((event) => event.data);
const modelsAsked = (from: number) => stack.fake.requests.slice(from).map((request) => request.body.model);

describe("G13 models that fail", () => {
  test("one user who is refused again and again does not close the door for the others", async () => {
    const [user, other] = [await register(stack.server.url), await register(stack.server.url)];
    for (let time = 0; time < 60; time += 1) {
      const body = { message: "x", model: "anthropic/claude-haiku-4-5" };
      expect((await user.call("POST", "/agent/chat/sync", body)).status).toBe(503);
    }
    expect((await other.call("POST", "/agent/chat/sync", { message: "x" })).status).toBe(200);
  });

  test("before the first token another attempt is made, silently", async () => {
    const user = await register(stack.server.url);
    const from = stack.fake.requests.length;
    stack.fake.script([
      { fault: { type: "status", status: 429, headers: { "retry-after": "0" } } },
      { fault: { type: "refuse" } },
      { text: "third time" },
    ]);
    const events = await user.chat({ message: "try" });
    expect(auditEvents(events)).toEqual([]);
    expect(textOf(events)).toBe("third time");
    expect(of(events, "error")).toEqual([]);
    expect(modelsAsked(from)).toHaveLength(3);
  });

  test("one that fails for good is followed by the fallback", async () => {
    const user = await register(stack.server.url);
    stack.fake.script((request) =>
      request.body.model === "fake" ? { fault: { type: "status", status: 503 } } : { text: "from the other" },
    );
    const events = await user.chat({ message: "try" });
    expect(textOf(events)).toBe("from the other");
    expect(of(events, "usage")[0]).toMatchObject({ model: "openai/other" });
    stack.fake.script();
  });

  test("after the first token what came is kept as incomplete, and the run ends with a typed error", async () => {
    await stack.restart();
    const user = await register(stack.server.url);
    stack.fake.script([{ text: ["half ", "an ", "answer"], fault: { type: "cut_after", pieces: 2 } }]);
    const events = await user.chat({ message: "try" });
    expect(auditEvents(events)).toEqual([]);
    expect(of(events, "error")).toEqual([
      expect.objectContaining({ code: "model_interrupted", retryable: true }),
    ]);
    expect(events.at(-1)?.data).toMatchObject({ status: "failed", finish_reason: "error" });
    const { body } = await user.call<{ messages: { content: string; status: string }[] }>(
      "GET",
      `/sessions/${events[0]?.data.session_id}/messages`,
    );
    expect(body.messages[1]).toMatchObject({ content: textOf(events), status: "incomplete" });
    expect(textOf(events)).toBe("half an ");
  });

  test("a hang after the first token ends the run, not the server", async () => {
    await stack.restart({ MODEL_IDLE_S: "3" });
    const user = await register(stack.server.url);
    stack.fake.script(() => ({ text: ["one ", "two"], fault: { type: "hang", after: 1 } }));
    const events = await user.chat({ message: "try" });
    stack.fake.script();
    expect(events.at(-1)?.data).toMatchObject({ status: "failed" });
    expect(textOf(events)).toBe("one ");
  });
});

describe("G14 what models ask for", () => {
  test("malformed and unknown calls are never executed and go back to the model as errors", async () => {
    await stack.restart({ MODEL_IDLE_S: "60" });
    const user = await register(stack.server.url);
    stack.fake.script([
      {
        toolCalls: [
          { name: "list_directory", arguments: '{"path": "/' },
          { name: "no_such_tool", arguments: {} },
          { name: "list_directory", arguments: { path: stack.workspace, colour: 1 } },
        ],
      },
    ]);
    const events = await user.chat({ message: "call" });
    expect(auditEvents(events)).toEqual([]);
    const results = of(events, "tool_result");
    expect(results.map((result) => [result.ok, result.status])).toEqual([
      [false, "failed"],
      [false, "failed"],
      [false, "failed"],
    ]);
    const told = stack.fake.requests.at(-1)?.heard.results ?? [];
    expect(told).toHaveLength(3);
    expect(told[1]).toContain("no_such_tool");
  });

  test("a call that the model's limit cut off is not executed, even if it parses; the model hears of it and goes on", async () => {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "allow" }] });
    const path = join(stack.workspace, "cut-off");
    const cut = (text: string) => ({
      toolCalls: [
        { name: "list_directory", arguments: { path: stack.workspace } },
        { name: "write_file", arguments: text },
      ],
      finish: "length",
    });
    stack.fake.script([
      cut(`{"path":"${path}","content":"half of`),
      cut(JSON.stringify({ path, content: "x" })),
      { text: "in pieces then" },
    ]);
    const events = await user.chat({ message: "write much" });
    expect(auditEvents(events)).toEqual([]);
    const results = of(events, "tool_result").filter((result) => result.name === "write_file");
    expect(results.map((result) => result.status)).toEqual(["failed", "failed"]);
    await expect(access(path)).rejects.toThrow("ENOENT");
    expect(stack.fake.requests.at(-1)?.heard.results.at(-1)).toContain("cut off");
    expect(textOf(events)).toBe("in pieces then");
    expect(events.at(-1)?.data).toMatchObject({ status: "completed", finish_reason: "stop" });
  });

  test("a text that the model's limit cut off ends the run with what there is", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: "half a sen", finish: "length" }]);
    const events = await user.chat({ message: "tell much" });
    expect(textOf(events)).toBe("half a sen");
    expect(events.at(-1)?.data).toMatchObject({ status: "completed", finish_reason: "length" });
  });

  test("calls of a step run at once, and the model gets the results in its own order", async () => {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
    const mark = (name: string) => join(stack.workspace, name);
    // Each waits for the file of the other: one after the other they would both run into their limit.
    const meet = (mine: string, theirs: string) => ({
      name: "execute_shell_command",
      arguments: {
        command: `touch ${mark(mine)}; while [ ! -e ${mark(theirs)} ]; do sleep 0.02; done; echo ${mine}`,
        timeout_s: 300,
      },
    });
    stack.fake.script([{ toolCalls: [meet("first", "second"), meet("second", "first")] }]);
    const events = await user.chat({ message: "both" });
    expect(of(events, "tool_result").map((result) => result.ok)).toEqual([true, true]);
    const told = stack.fake.requests.at(-1)?.heard.results ?? [];
    expect([told[0], told[1]]).toEqual([expect.stringContaining("first"), expect.stringContaining("second")]);
  });

  test("a run ends at max_steps, at its token budget and at its cost, with what there is", async () => {
    const user = await register(stack.server.url);
    const again = { toolCalls: [{ name: "list_directory", arguments: { path: stack.workspace } }] };
    stack.fake.script(() => again);
    const steps = await user.chat({ message: "go on", max_steps: 3 });
    expect(steps.at(-1)?.data).toMatchObject({ status: "completed", finish_reason: "max_steps" });
    expect(of(steps, "usage")).toHaveLength(3);
    const tokens = await user.chat({ message: "go on", budget: { tokens: 5_000 } });
    expect(tokens.at(-1)?.data).toMatchObject({ status: "completed", finish_reason: "budget" });
    const used = of(tokens, "usage").reduce(
      (sum, usage) => sum + Number(usage.input_tokens) + Number(usage.output_tokens),
      0,
    );
    expect(used).toBeLessThanOrEqual(5_000);
    stack.fake.script();
  });

  test("G4 a run ends failed when its time is over, and its stream with done", async () => {
    await stack.restart({ RUN_DEADLINE_S: "1" });
    const user = await register(stack.server.url);
    stack.fake.script([{ text: ["begun ", "never"], gate: new Promise(() => {}), gateAfter: 1 }]);
    const events = await user.chat({ message: "slow" });
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-1)?.data).toMatchObject({ status: "failed", finish_reason: "deadline" });
    expect(of(events, "error")).toHaveLength(1);
  });

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(audit(stack.server.home)).toEqual([]);
  });
});
