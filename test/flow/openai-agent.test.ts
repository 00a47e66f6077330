// The agent behind the door for programs made for OpenAI: its context, what is kept of it, questions, who leaves; and responses.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createParser } from "eventsource-parser";
import { register } from "../support/client.ts";
import { onCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { testUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  stack = await startStack({ FALLBACK_MODELS: "" });
  user = await register(stack.server.url);
});
afterAll(() => stack.stop());

type Body = Record<string, unknown>;
type Error = { message: string; type: string; param: string | null; code: string | null };
const AGENT = "macjarvis/openai/fake";
const post = (path: string, body: Body, headers: Record<string, string> = {}, who = user) =>
  who.callAt<Body>("POST", `/v1${path}`, body, headers);
const lastMessages = () =>
  (stack.fake.requests.at(-1)?.body.messages ?? []) as { role: string; content: unknown }[];
const runOf = async (id: string) =>
  (
    await user.call<{ run: { status: string; finish_reason: string; session_id: string } }>(
      "GET",
      `/agent/runs/${id}`,
    )
  ).body.run;
const contentOf = (body: Body) => (body.choices as { message: { content: string } }[])[0]?.message.content;

function open(path: string, body: Body, headers: Record<string, string> = {}, signal?: AbortSignal) {
  return fetch(`${stack.server.url}/v1${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

async function events(body: Body, headers: Record<string, string> = {}) {
  const response = await open("/responses", { ...body, stream: true }, headers);
  const found: { event: string; data: Body }[] = [];
  const parser = createParser({
    onEvent: ({ event = "", data }) => found.push({ event, data: JSON.parse(data) as Body }),
  });
  parser.feed(await response.text());
  return found;
}

describe("chat completions of the agent", () => {
  test("its context is exactly what was given, with its instructions, and our tools", async () => {
    const messages = [
      { role: "system", content: "Speak like Ada." },
      { role: "user", content: "first question" },
      { role: "assistant", content: "first answer" },
      { role: "user", content: "second question" },
    ];
    const { status, body } = await post("/chat/completions", { model: AGENT, messages });
    expect([status, contentOf(body)]).toEqual([200, "echo: second question"]);
    const [system, ...rest] = lastMessages();
    expect(system?.content).toMatch(/You are MacJarvis[\s\S]*Speak like Ada\./);
    expect(rest).toEqual(messages.slice(1));
    expect(stack.fake.requests.at(-1)?.body.tools).not.toEqual([]);
  });

  test("it is kept as a session that is listed only when asked for, with all that was said", async () => {
    const before = await user.call<{ sessions: unknown[] }>("GET", "/sessions");
    const messages = [
      { role: "user", content: "kept question" },
      { role: "assistant", content: "kept answer" },
      {
        role: "user",
        content: [
          { type: "text", text: "kept" },
          { type: "text", text: "too" },
        ],
      },
    ];
    const { headers } = await post("/chat/completions", { model: "openai/fake", messages });
    const { session_id } = await runOf(headers.get("x-run-id") ?? "");
    const after = await user.call<{ sessions: { id: string }[] }>("GET", "/sessions");
    expect(after.body.sessions).toHaveLength(before.body.sessions.length);
    const asked = await user.call<{ sessions: { id: string; source: string }[] }>(
      "GET",
      "/sessions?source=openai",
    );
    expect(asked.body.sessions.find(({ id }) => id === session_id)).toMatchObject({ source: "openai" });
    const history = await user.call<{ messages: { role: string; content: string }[] }>(
      "GET",
      `/sessions/${session_id}/messages`,
    );
    expect(history.body.messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "kept question"],
      ["assistant", "kept answer"],
      ["user", "kept\ntoo"],
      ["assistant", "echo: kepttoo"],
    ]);
  });

  testUnless(onCluster("its store is asked directly"))(
    "nobody goes on from a completion: what it was given is kept in the session only",
    async () => {
      await post("/chat/completions", { model: AGENT, messages: [{ role: "user", content: "x" }] });
      await waitFor("its end", async () => {
        const rows = await stack.sql("SELECT id FROM documents_contexts");
        return rows.length === 0;
      });
    },
  );

  test("a picture goes to the vendor as it came", async () => {
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const content = [
      { type: "text", text: "what is this" },
      { type: "image_url", image_url: { url, detail: "low" } },
      { type: "text", text: "and this" },
    ];
    for (const model of [AGENT, "openai/fake"]) {
      expect((await post("/chat/completions", { model, messages: [{ role: "user", content }] })).status).toBe(
        200,
      );
      expect(lastMessages().at(-1)?.content).toEqual(content);
    }
  });

  test("G28 a picture by its address is refused to a server of our own network, which would fetch it", async () => {
    const content = [{ type: "image_url", image_url: { url: "https://127.0.0.1:9/secret.png" } }];
    for (const model of [AGENT, "openai/fake"]) {
      const messages = [{ role: "user", content }];
      const { status, body } = await post("/chat/completions", { model, messages });
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { error: { param: "messages", message: expect.stringContaining("send its bytes") } },
      });
    }
    expect(JSON.stringify(stack.fake.requests)).not.toContain("secret.png");
  });

  test("what it does is not told; a question that nobody answers ends the completion and not the run", async () => {
    const path = join(stack.workspace, "asked.txt");
    const messages = [{ role: "user", content: `call:write_file ${JSON.stringify({ path, content: "x" })}` }];
    for (const stream of [false, true]) {
      const response = await open(
        "/chat/completions",
        { model: AGENT, messages, stream },
        { "X-Approval-Wait": "0" },
      );
      const text = await response.text();
      const run = response.headers.get("x-run-id") ?? "";
      expect(text).toMatch(/write_file.*waits for your approval.*POST \/api\/v1\/agent\/runs\/run_/);
      expect(text).toContain('"finish_reason":"stop"');
      expect(text).not.toContain("tool_calls");
      if (stream) expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      await waitFor("its state", async () => (await runOf(run)).status === "waiting_approval");
      const { body } = await user.call<{ approvals: { run_id: string; call_id: string }[] }>(
        "GET",
        "/agent/approvals",
      );
      const question = body.approvals.find(({ run_id }) => run_id === run);
      await user.call("POST", `/agent/runs/${run}/approvals/${question?.call_id}`, { decision: "approve" });
      await waitFor("its state", async () => (await runOf(run)).status === "completed");
    }
    expect(await readFile(path, "utf8")).toBe("x");
  });

  test("who leaves the model alone cancels it; the agent goes on", async () => {
    const states: string[] = [];
    for (const model of ["openai/fake", AGENT]) {
      const gate = Promise.withResolvers<void>();
      stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
      const leaving = new AbortController();
      const body = { model, stream: true, messages: [{ role: "user", content: "long" }] };
      const response = await open("/chat/completions", body, {}, leaving.signal);
      const run = response.headers.get("x-run-id") ?? "";
      leaving.abort();
      if (model === "openai/fake")
        await waitFor("its state", async () => (await runOf(run)).status === "cancelled");
      gate.resolve();
      await waitFor("its state", async () => (await runOf(run)).finish_reason !== null);
      states.push((await runOf(run)).status);
    }
    expect(states).toEqual(["cancelled", "completed"]);
  });

  test("X-Session-Id uses a real session, and only what is new counts", async () => {
    const made = await user.call<{ session: { id: string } }>("POST", "/sessions", {});
    const { id } = made.body.session;
    await user.chat({ message: "my name is Ada", session_id: id });
    const messages = [
      { role: "user", content: "something else" },
      { role: "assistant", content: "that nobody said here" },
      { role: "user", content: "what is my name" },
    ];
    for (const model of [AGENT, "openai/fake"]) {
      const { status } = await post("/chat/completions", { model, messages }, { "X-Session-Id": id });
      expect(status).toBe(200);
      const sent = JSON.stringify(lastMessages());
      expect(sent).toContain("my name is Ada");
      expect(sent).not.toContain("that nobody said here");
    }
    const other = await register(stack.server.url);
    const foreign = await post(
      "/chat/completions",
      { model: AGENT, messages },
      { "X-Session-Id": id },
      other,
    );
    expect(foreign.status).toBe(404);
  });

  test("the same Idempotency-Key is the same run, streamed or not at any time", async () => {
    const body = { model: "openai/fake", messages: [{ role: "user", content: "once" }] };
    const headers = { "Idempotency-Key": "k-1" };
    const first = await post("/chat/completions", body, headers);
    const again = await post("/chat/completions", body, headers);
    expect(again.body).toEqual(first.body);
    const other = await post("/chat/completions", { ...body, temperature: 1 }, headers);
    expect([other.status, (other.body.error as Error).code]).toEqual([400, "idempotency_mismatch"]);
  });
});

describe("responses", () => {
  test("one is answered, read again, gone on from, and deleted", async () => {
    const first = await post("/responses", {
      model: "openai/fake",
      input: "my name is Ada",
      instructions: "Be kind.",
      metadata: { a: "1" },
    });
    expect(first.body).toMatchObject({
      ...{
        object: "response",
        status: "completed",
        error: null,
        model: "openai/fake",
        instructions: "Be kind.",
      },
      output: [
        {
          type: "message",
          status: "completed",
          content: [{ type: "output_text", text: "echo: my name is Ada" }],
        },
      ],
      usage: { total_tokens: expect.any(Number) },
      metadata: { a: "1" },
    });
    const id = String(first.body.id);
    expect((await user.callAt<Body>("GET", `/v1/responses/${id}`)).body).toEqual(first.body);
    const next = await post("/responses", {
      model: "openai/fake",
      input: "and now?",
      previous_response_id: id,
    });
    expect(next.body).toMatchObject({ previous_response_id: id, instructions: null });
    expect(lastMessages()).toEqual([
      { role: "user", content: "my name is Ada" },
      { role: "assistant", content: "echo: my name is Ada" },
      { role: "user", content: "and now?" },
    ]);
    // From the same one again: what was said since does not count.
    await post("/responses", { model: AGENT, input: "or so?", previous_response_id: id });
    expect(JSON.stringify(lastMessages())).not.toContain("and now?");
    const other = await register(stack.server.url);
    const foreign = await post(
      "/responses",
      { model: "openai/fake", input: "x", previous_response_id: id },
      {},
      other,
    );
    expect([foreign.status, (foreign.body.error as Error).param]).toEqual([404, "previous_response_id"]);
    expect((await other.callAt("GET", `/v1/responses/${id}`)).status).toBe(404);
    expect((await other.callAt("DELETE", `/v1/responses/${id}`)).status).toBe(404);
    const gone = await user.callAt<Body>("DELETE", `/v1/responses/${id}`);
    expect(gone.body).toEqual({ id, object: "response", deleted: true });
    expect((await user.callAt("GET", `/v1/responses/${id}`)).status).toBe(404);
    expect(
      (await post("/responses", { model: "openai/fake", input: "x", previous_response_id: id })).status,
    ).toBe(404);
    // What went on from it has what it said.
    const later = await post("/responses", {
      model: "openai/fake",
      input: "still",
      previous_response_id: next.body.id,
    });
    expect([later.status, JSON.stringify(lastMessages())]).toEqual([
      200,
      expect.stringContaining("my name is Ada"),
    ]);
  });

  test("results of calls go on from the response that asked for them", async () => {
    const tools = [{ type: "function", name: "weather", parameters: { type: "object" } }];
    const first = await post("/responses", {
      model: "openai/fake",
      input: 'call:weather {"city":"Bonn"}',
      tools,
    });
    const [call] = first.body.output as { type: string; call_id: string; arguments: string }[];
    expect(call).toMatchObject({
      type: "function_call",
      name: "weather",
      status: "completed",
      arguments: '{"city":"Bonn"}',
    });
    const input = [{ type: "function_call_output", call_id: call?.call_id, output: "rain" }];
    const next = await post("/responses", {
      model: "openai/fake",
      input,
      tools,
      previous_response_id: first.body.id,
    });
    expect(next.body).toMatchObject({ output: [{ content: [{ text: "done: rain" }] }] });
    expect(lastMessages().slice(1)).toMatchObject([
      { tool_calls: [{ id: "call_0" }] },
      { role: "tool", tool_call_id: "call_0" },
    ]);
  });

  test("the events of a text come in the vendor's order, numbered", async () => {
    const found = await events({ model: "openai/fake", input: "two words" });
    const names = found.map(({ event }) => event);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      ...[
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
      ],
      ...["response.output_text.delta", "response.output_text.done", "response.content_part.done"],
      ...["response.output_item.done", "response.completed"],
    ]);
    expect(found.map(({ data }) => data.sequence_number)).toEqual(found.map((_, index) => index));
    expect(found.every(({ event, data }) => event === data.type)).toBe(true);
    const last = found.at(-1)?.data.response as Body;
    expect((await user.callAt<Body>("GET", `/v1/responses/${last.id}`)).body).toEqual(last);
  });

  test("what the agent does are completed calls with their results", async () => {
    const input = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    const found = await events({ model: AGENT, input });
    const done = found
      .filter(({ event }) => event === "response.output_item.done")
      .map(({ data }) => data.item as Body);
    expect(done.map(({ type, status }) => [type, status])).toEqual([
      ["function_call", "completed"],
      ["function_call_output", "completed"],
      ["message", "completed"],
    ]);
    const last = found.at(-1)?.data.response as Body;
    expect(last.output).toEqual(done);
    expect((await user.callAt<Body>("GET", `/v1/responses/${last.id}`)).body.output).toEqual(done);
  });

  test("one is cancelled, and one that is cut is incomplete", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const response = await open("/responses", { model: AGENT, input: "long", stream: true });
    const id = response.headers.get("x-run-id")?.replace("run_", "resp_");
    const { status, body } = await post(`/responses/${id}/cancel`, {});
    expect([status, body.status]).toEqual([200, "cancelled"]);
    gate.resolve();
    await response.text();
    stack.fake.script([{ text: "cut", finish: "length" }]);
    const cut = await post("/responses", { model: "openai/fake", input: "long", max_output_tokens: 16 });
    expect(cut.body).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
    stack.fake.script();
  });

  test.each([
    [{ background: true }, "background"],
    [{ tools: [{ type: "web_search" }] }, "tools[0].type"],
    [{ prompt: { id: "p" } }, "prompt"],
    [{ nonsense: 1 }, "nonsense"],
    [{ previous_response_id: "resp_none" }, "previous_response_id"],
  ])("%j is refused by its name", async (field, param) => {
    const { status, body } = await post("/responses", { model: "openai/fake", input: "x", ...field });
    expect([status, (body.error as Error).param]).toEqual([
      param === "previous_response_id" ? 404 : 400,
      param,
    ]);
  });

  test("with store false nothing is found again", async () => {
    const { body } = await post("/responses", { model: "openai/fake", input: "x", store: false });
    expect((await user.callAt("GET", `/v1/responses/${body.id}`)).status).toBe(404);
    const next = await post("/responses", {
      model: "openai/fake",
      input: "y",
      previous_response_id: body.id,
    });
    expect(next.status).toBe(404);
  });
});
