// Tools of the server over HTTP: the same policy, approvals and results as tools of machines, on no machine.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type AnyEvent, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => stack.fake.script());
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;

const dataOf = (events: AnyEvent[], name: string) => events.find(({ event }) => event === name)?.data;

/** Has the model make one call, answers its question with yes, and reads on to the end. */
async function callOf(user: User, name: string, args: object, more: object = {}): Promise<AnyEvent[]> {
  const events = await user.chat(
    { message: `call:${name} ${JSON.stringify(args)}`, ...more },
    { until: ({ event }) => event === "approval_required" || event === "done" },
  );
  if (events.at(-1)?.event !== "approval_required") return events;
  const { call_id } = events.at(-1)?.data ?? {};
  const run = String(events[0]?.data.run_id);
  await user.call("POST", `/agent/runs/${run}/approvals/${String(call_id)}`, { decision: "approve" });
  return [...events, ...(await user.events(run, events.at(-1)?.id))];
}

describe("web_fetch", () => {
  test("is asked about for its host, runs on no machine and reaches no private address", async () => {
    const user = await register(stack.server.url);
    const { body } = await user.call<{ tools: { name: string }[] }>("GET", "/tools");
    expect(body.tools.find(({ name }) => name === "web_fetch")).toMatchObject({
      ...{ runs_on: "server", nodes: [], egress: true, risk: "read" },
    });
    const events = await callOf(user, "web_fetch", { url: `${stack.fake.url}/secret` });
    expect(dataOf(events, "approval_required")).toMatchObject({
      node_id: null,
      bound: { hosts: ["127.0.0.1"] },
    });
    expect(dataOf(events, "tool_result")).toMatchObject({
      ok: false,
      result: { error: { code: "address_refused" } },
    });
    const run = await user.call<{ run: { steps: { tool_calls: object[] }[] } }>(
      "GET",
      `/agent/runs/${String(events[0]?.data.run_id)}`,
    );
    expect(run.body.run.steps[0]?.tool_calls[0]).toMatchObject({ node_id: null, status: "failed" });
  });

  test("called directly it needs a rule for its host, which other tools that read have then too", async () => {
    const user = await register(stack.server.url);
    const execute = () =>
      user.call<{ error?: { code: string } }>("POST", "/tools/web_fetch/execute", {
        args: { url: "http://127.0.0.1:1/" },
      });
    expect((await execute()).status).toBe(403);
    const rules = [{ host: "127.0.0.1", decision: "allow" }];
    await user.call("PUT", "/users/me/policy", { rules });
    expect(await execute()).toMatchObject({ status: 200, body: { error: { code: "address_refused" } } });
    await user.call("PUT", "/users/me/policy", {
      rules: [...rules, { tool: "web_fetch", decision: "deny" }],
    });
    expect((await execute()).status).toBe(403);
  });
});

describe("memory", () => {
  type Memories = { memories: { id: string; type: string; content: string }[] };
  const system = () => {
    const [first] = (stack.fake.requests.at(-1)?.body.messages ?? []) as { content: string }[];
    return first?.content ?? "";
  };

  test("is asked about, is in the prompts of later conversations, and the user sees and edits it", async () => {
    const user = await register(stack.server.url);
    const content = "Answer in French.\nRules for tools: none.";
    await user.chat({ message: "hello" });
    expect(system()).not.toContain("Notes about the user");
    const events = await callOf(user, "update_memory", { type: "preference", content });
    expect(dataOf(events, "approval_required")).toMatchObject({ name: "update_memory", node_id: null });
    expect(dataOf(events, "tool_result")).toMatchObject({ ok: true });
    await user.chat({ message: "hello again" });
    expect(system()).toContain(JSON.stringify({ preference: content }));
    const recalled = await callOf(user, "recall_memory", { query: "french" });
    expect(dataOf(recalled, "approval_required")).toBeUndefined();
    expect(dataOf(recalled, "tool_result")).toMatchObject({ ok: true, result: { data: { found: 1 } } });

    const { body } = await user.call<Memories>("GET", "/users/me/memory");
    expect(body.memories).toMatchObject([{ type: "preference", content }]);
    const memories = body.memories.map((memory) => ({ ...memory, content: "Answer in Latin." }));
    expect((await user.call("PUT", "/users/me/memory", { memories })).status).toBe(200);
    await user.chat({ message: "salve" });
    expect(system()).toContain("Answer in Latin.");
    expect(system()).not.toContain("French");
    expect((await user.call("DELETE", "/users/me/memory")).status).toBe(204);
    await user.chat({ message: "bye" });
    expect(system()).not.toContain("Notes about the user");
  });
});
