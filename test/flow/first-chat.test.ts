import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, readEvents, register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({}, { passwords: "as shipped" });
});
afterAll(() => stack.stop());

const data = (events: AnyEvent[], name: string) =>
  events.filter((event) => event.event === name).map((event) => event.data);

describe("a first chat", () => {
  test("G17 the password of who registers is kept as bcrypt's hash of cost 12", async () => {
    const user = await register(stack.server.url);
    const [row] = await stack.sql(`SELECT password_hash FROM users WHERE id = '${user.id}'`);
    expect(row?.password_hash).toMatch(/^\$2b\$12\$/);
  });

  test("register → chat → answer: streamed, stored, counted", async () => {
    const user = await register(stack.server.url);
    const events = await user.chat({ message: "hello there" });
    expect(auditEvents(events)).toEqual([]);
    const [run] = data(events, "run");
    const [done] = data(events, "done");
    expect(done).toMatchObject({ status: "completed", finish_reason: "stop" });
    const { body } = await user.call<{ messages: { id: string; role: string; content: string }[] }>(
      "GET",
      `/sessions/${run?.session_id}/messages`,
    );
    expect(body.messages.map((message) => message.role)).toEqual(["user", "assistant"]);
    expect(body.messages[1]?.content).toBe(textOf(events));
    expect(body.messages[1]?.id).toBe(done?.message_id);
    const usage = await user.call<{ today: { requests: number; output_tokens: number } }>(
      "GET",
      "/users/me/usage",
    );
    expect(usage.body.today.requests).toBe(1);
    expect(usage.body.today.output_tokens).toBeGreaterThan(0);
  });

  test("tool → approval → answer → history → export", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "note.txt");
    const message = `call:write_file ${JSON.stringify({ path, content: "written once" })}`;
    const response = await user.open("POST", "/agent/chat", { message });
    const first = await readEvents(response, (event) => event.event === "approval_required");
    const asked = first.at(-1)?.data as { call_id: string; args: unknown; risk: string };
    expect(asked).toMatchObject({ risk: "write", args: { path, content: "written once" } });
    const runId = String(first[0]?.data.run_id);
    const answer = await user.call("POST", `/agent/runs/${runId}/approvals/${asked.call_id}`, {
      decision: "approve",
    });
    expect(answer.status).toBe(200);
    const again = await user.call("POST", `/agent/runs/${runId}/approvals/${asked.call_id}`, {
      decision: "deny",
    });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: "approval_answered", approval: { decision: "approve" } });
    const events = await user.events(runId);
    expect(auditEvents(events)).toEqual([]);
    expect(data(events, "tool_result")[0]).toMatchObject({ ok: true, status: "done", name: "write_file" });
    expect(await readFile(path, "utf8")).toBe("written once");
    const session = String(first[0]?.data.session_id);
    const history = await user.call<{ messages: { role: string }[] }>("GET", `/sessions/${session}/messages`);
    expect(history.body.messages.map((entry) => entry.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
    ]);
    const markdown = await user.call<string>("GET", `/sessions/${session}/export?format=md`);
    expect(markdown.status).toBe(200);
    expect(markdown.body).toContain("write_file");
    const json = await user.call<{ messages: unknown[] }>("GET", `/sessions/${session}/export?format=json`);
    expect(json.body.messages).toHaveLength(4);
  });

  test("the second message of a session sees the first exchange", async () => {
    const user = await register(stack.server.url);
    const first = await user.chat({ message: "my name is Ada" });
    const session_id = first[0]?.data.session_id;
    await user.chat({ message: "what is my name", session_id });
    const request = stack.fake.requests.at(-1);
    expect(JSON.stringify(request?.body)).toContain("my name is Ada");
  });

  test("chat/sync answers with the message, its tool calls and usage", async () => {
    const user = await register(stack.server.url);
    const message = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    const { status, body, headers } = await user.call<Record<string, unknown>>("POST", "/agent/chat/sync", {
      message,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "completed", message: { role: "assistant", status: "complete" } });
    expect(body.tool_calls).toHaveLength(1);
    expect(headers.get("x-ratelimit-limit")).toBe("200");
    expect(Number(headers.get("x-ratelimit-remaining"))).toBe(199);
  });

  test("chat/sync answers 202 with the questions when the run first waits", async () => {
    const user = await register(stack.server.url);
    const message = `call:write_file ${JSON.stringify({ path: join(stack.workspace, "b.txt"), content: "b" })}`;
    const { status, body } = await user.call<Record<string, unknown>>("POST", "/agent/chat/sync", {
      message,
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      status: "waiting_approval",
      approvals: [{ name: "write_file", decision: null }],
    });
    const run = await user.call("POST", `/agent/cancel/${String(body.run_id)}`);
    expect(run.status).toBe(202);
    const events = await user.events(String(body.run_id));
    expect(events.at(-1)?.data).toMatchObject({ status: "cancelled" });
    expect(data(events, "tool_result")[0]).toMatchObject({ status: "cancelled", ok: false });
  });

  test.each([
    ["a blank message", { message: " \n\t" }, "message", /white space.*what the agent is to do/],
    ["an empty message", { message: "" }, "message", /white space.*what the agent is to do/],
    [
      "unknown tools",
      { message: "hi", tools: ["read_file", "nope"] },
      "tools.1",
      /"nope".*GET \/api\/v1\/tools/,
    ],
  ])("%s is 422 with its path and what to do, and leaves nothing", async (_name, sent, path, words) => {
    const user = await register(stack.server.url);
    type Problem = { code: string; detail: string; errors: { path: string }[] };
    for (const way of ["/agent/chat", "/agent/chat/sync"]) {
      const { status, body } = await user.call<Problem>("POST", way, sent);
      expect([status, body.code]).toEqual([422, "invalid_request"]);
      expect(body.errors.map((fault) => fault.path)).toEqual([path]);
      expect(body.detail).toMatch(words);
    }
    const { body } = await user.call<{ sessions: { title: string }[] }>("GET", "/sessions");
    expect(body.sessions.filter(({ title }) => !title.startsWith("Welcome"))).toEqual([]);
    expect((await user.call("GET", "/agent/runs")).body).toMatchObject({ runs: [] });
    const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
    expect(usage.body.today.requests).toBe(0);
  });

  test("G1, G2, G3, G4, G7 hold over everything that was stored", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
