import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;
type Session = { id: string; title: string; message_count: number; tags: string[]; model: string | null };
type Message = { created_at: string; id: string; content: string; role: string };
type Sessions = { sessions: Session[]; next_cursor: string | null };
type History = { messages: Message[]; has_more: boolean };

async function make(user: User, body: Record<string, unknown> = {}): Promise<Session> {
  const { body: made } = await user.call<{ session: Session }>("POST", "/sessions", body);
  return made.session;
}

async function titles(user: User, query: string): Promise<string[]> {
  const { body } = await user.call<Sessions>("GET", `/sessions?${query}`);
  return body.sessions.map(({ title }) => title);
}

describe("the list of sessions", () => {
  test("is newest first, and its pages neither repeat nor miss one while others are made", async () => {
    const user = await register(stack.server.url);
    for (let number = 0; number < 12; number += 1) await make(user, { title: `old ${number}` });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const place: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { body }: { body: Sessions } = await user.call<Sessions>("GET", `/sessions?limit=5${place}`);
      seen.push(...body.sessions.map(({ title }) => title));
      cursor = body.next_cursor;
      await make(user, { title: "made meanwhile" });
    }
    const old = Array.from({ length: 12 }, (_, number) => `old ${11 - number}`);
    expect(seen).toEqual([...old, "Welcome"]);
  });

  test("is searched in titles: any case, any spelling of a letter, and signs mean themselves", async () => {
    const user = await register(stack.server.url);
    const odd = "100% of_Größe 日本語 😀";
    for (const title of [odd, "100 of Groesse", "plain"]) await make(user, { title });
    for (const q of ["100%", "of_", "GRÖSSE".replace("SS", "ß"), "gro\u0308ße", "日本", "😀", " größe "])
      expect([q, await titles(user, `q=${encodeURIComponent(q)}`)]).toEqual([q, [odd]]);
    for (const q of ["%_", ".*", "$", "nothing"])
      expect(await titles(user, `q=${encodeURIComponent(q)}`)).toEqual([]);
  });

  test("keeps archived ones apart", async () => {
    const user = await register(stack.server.url);
    const { id } = await make(user, { title: "put away" });
    await user.call("PATCH", `/sessions/${id}`, { is_archived: true });
    expect(await titles(user, "archived=false")).toEqual(["Welcome"]);
    expect(await titles(user, "archived=true")).toEqual(["put away"]);
  });

  test.each(["limit=0", "limit=101", "limit=1.5", "limit=x", "archived=perhaps", "cursor=none", "cursor="])(
    "?%s is 422",
    async (query) => {
      const user = await register(stack.server.url);
      expect((await user.call("GET", `/sessions?${query}`)).status).toBe(422);
    },
  );
});

describe("a session", () => {
  test("takes only what a user may change, and keeps what is not named", async () => {
    const user = await register(stack.server.url);
    const { id } = await make(user, { title: "  before ", model: "openai/other" });
    const path = `/sessions/${id}`;
    const { body } = await user.call<{ session: Session }>("PATCH", path, { tags: ["a", " b ", "a"] });
    expect(body.session).toMatchObject({ title: "before", model: "openai/other", tags: ["a", "b"] });
    const refused = [
      { title: "" },
      { title: "a".repeat(201) },
      { tags: Array.from({ length: 21 }, (_, index) => `${index}`) },
      { tags: ["a".repeat(51)] },
      { is_pinned: "yes" },
      { message_count: 7 },
      { active_run_id: null },
      { $set: { title: "x" } },
      { model: "openai/none" },
    ];
    for (const change of refused)
      expect([change, (await user.call("PATCH", path, change)).status]).toEqual([change, 422]);
    const after = await user.call<{ session: Session }>("GET", path);
    expect(after.body.session).toEqual(body.session);
    expect((await user.call("POST", "/sessions", { model: "openai/none" })).status).toBe(422);
  });

  test("with a run ends it when it is deleted, and is gone with its messages", async () => {
    const user = await register(stack.server.url);
    stack.fake.hold();
    const [begun] = await user.chat({ message: "held" }, { until: () => true });
    const path = `/sessions/${begun?.data.session_id}`;
    expect((await user.call("DELETE", path)).status).toBe(204);
    stack.fake.release();
    const events = await user.events(String(begun?.data.run_id));
    expect(events.at(-1)?.data).toMatchObject({ status: "cancelled" });
    for (const below of ["", "/messages", "/export"])
      expect((await user.call("GET", `${path}${below}`)).status).toBe(404);
    expect((await user.call("DELETE", path)).status).toBe(404);
  });
});

describe("messages", () => {
  test("G1 of 100 appended at once those that were acknowledged survive kill -9, each once and where it was", async () => {
    const user = await register(stack.server.url);
    const { id } = await make(user);
    const acknowledged: Message[] = [];
    const enough = Promise.withResolvers<void>();
    const appends = Array.from({ length: 100 }, async (_, number) => {
      const { status, body } = await user.call<{ message: Message }>("POST", `/sessions/${id}/messages`, {
        role: "user",
        content: `number ${number}`,
      });
      if (status === 201 && acknowledged.push(body.message) === 20) enough.resolve();
    });
    await enough.promise;
    const before = await user.call<History>("GET", `/sessions/${id}/messages?limit=200`);
    const settled = Promise.allSettled(appends);
    await stack.restart();
    await settled;
    user.url = stack.server.url;
    const { body } = await user.call<History>("GET", `/sessions/${id}/messages?limit=200`);
    const ids = body.messages.map((message) => message.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(acknowledged.filter((message) => !ids.includes(message.id))).toEqual([]);
    expect(body.messages.slice(0, before.body.messages.length)).toEqual(before.body.messages);
    const session = await user.call<{ session: Session }>("GET", `/sessions/${id}`);
    expect(session.body.session.message_count).toBe(ids.length);
  });

  test("G1 of 100 appended at once each is there once, pages fit together, and the count is right", async () => {
    const user = await register(stack.server.url);
    const { id } = await make(user);
    const path = `/sessions/${id}/messages`;
    const added = await Promise.all(
      Array.from({ length: 100 }, (_, number) =>
        // Who waits too long on a busy machine is told to come again.
        waitFor("it is taken", async () => {
          const body = { role: "user", content: `message ${number}` };
          const answer = await user.call<{ message: Message }>("POST", path, body);
          return answer.status !== 429 && answer;
        }),
      ),
    );
    expect(new Set(added.map(({ status }) => status))).toEqual(new Set([201]));
    const { body: all } = await user.call<History>("GET", `${path}?limit=200`);
    expect(all.messages.map((message) => message.id).toSorted()).toEqual(
      added.map(({ body }) => body.message.id).toSorted(),
    );
    const paged: Message[] = [];
    let page: History = { messages: [], has_more: true };
    while (page.has_more) {
      const before = paged[0] ? `&before=${paged[0].id}` : "";
      page = (await user.call<History>("GET", `${path}?limit=7${before}`)).body;
      paged.unshift(...page.messages);
    }
    expect(paged).toEqual(all.messages);
    const { body } = await user.call<{ session: Session }>("GET", `/sessions/${id}`);
    expect(body.session.message_count).toBe(100);
  });

  test("by hand are of the user or the assistant, and nothing else", async () => {
    const user = await register(stack.server.url);
    const path = `/sessions/${(await make(user)).id}/messages`;
    for (const body of [
      { role: "tool", content: "x" },
      { role: "system", content: "x" },
      { role: "user", content: "" },
      { role: "user", content: " \n\t" },
      { role: "assistant", content: " " },
      { role: "user", content: "x", run_id: "run_1" },
      { role: "user" },
    ])
      expect([body, (await user.call("POST", path, body)).status]).toEqual([body, 422]);
  });

  test("of a cancelled run: what was streamed is kept as sync and history say alike", async () => {
    const user = await register(stack.server.url);
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["first ", "second"], gate: gate.promise, gateAfter: 1 }]);
    const [begun] = await user.chat(
      { message: "long" },
      { headers: { "Idempotency-Key": "long" }, until: ({ event }) => event === "content" },
    );
    const waiting = user.call<{ status: string; message: Message }>(
      "POST",
      "/agent/chat/sync",
      { message: "long" },
      { "Idempotency-Key": "long" },
    );
    await user.call("POST", `/agent/cancel/${begun?.data.run_id}`);
    const sync = await waiting;
    gate.resolve();
    expect(sync).toMatchObject({
      status: 200,
      body: { status: "cancelled", message: { content: "first ", status: "incomplete" } },
    });
    const { body } = await user.call<History>("GET", `/sessions/${begun?.data.session_id}/messages`);
    expect(body.messages.at(-1)).toEqual(sync.body.message);
  });
});

describe("an export", () => {
  test("carries the title's own script in its name, safely", async () => {
    const user = await register(stack.server.url);
    const { id } = await make(user, { title: 'Größe "1/2"\r\n日本; x' });
    const { headers } = await user.call("GET", `/sessions/${id}/export?format=md`);
    expect(headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    expect(headers.get("content-disposition")).toBe(
      `attachment; filename="Gro_e-1-2-__-x.md"; filename*=UTF-8''${encodeURIComponent("Größe-1-2-日本-x")}.md`,
    );
    for (const title of ["../../etc/passwd", "😀", "\ud800", "a".repeat(200)]) {
      const odd = await make(user, { title });
      const { status, headers: its } = await user.call("GET", `/sessions/${odd.id}/export`);
      expect(status).toBe(200);
      expect(its.get("content-disposition")).toMatch(
        /^attachment; filename="[\w-]{1,60}\.json"; filename\*=/,
      );
    }
  });

  test("of a long session is the same as of its messages read page by page, whatever is in them", async () => {
    const user = await register(stack.server.url);
    const session = await make(user, { title: "long" });
    const empty = await user.call<string>("GET", `/sessions/${session.id}/export`);
    expect(empty.body).toMatchObject({ session: { id: session.id }, messages: [] });
    const texts = Array.from(
      { length: 70 },
      (_, n) => `${n} \n"\\ä日😀 ${"x".repeat(n % 3 === 0 ? 50_000 : 10)}`,
    );
    texts.push("y".repeat(1_900_000), "the last one");
    for (const content of texts)
      await user.call("POST", `/sessions/${session.id}/messages`, { role: "user", content });
    const { body: page } = await user.call<History>("GET", `/sessions/${session.id}/messages?limit=200`);
    expect(page.messages.map(({ content }) => content)).toEqual(texts);
    const response = await user.open("GET", `/sessions/${session.id}/export`);
    const { session: now } = (await user.call<{ session: object }>("GET", `/sessions/${session.id}`)).body;
    const whole = { session: now, messages: page.messages };
    expect(await response.text()).toBe(`${JSON.stringify(whole, null, 2)}\n`);
    const markdown = await user.call<string>("GET", `/sessions/${session.id}/export?format=md`);
    const parts = page.messages.map(
      (message) => `## User\n\n*${message.created_at}*\n\n${message.content}\n`,
    );
    expect(markdown.body.split("\n\n").length).toBeGreaterThan(3 * texts.length);
    expect(markdown.body.endsWith(parts.join("\n"))).toBe(true);
    expect((await user.open("HEAD", `/sessions/${session.id}/export`)).status).toBe(200);
    expect((await user.call("GET", `/sessions/${session.id}/export?page=2`)).status).toBe(422);
  });

  test("in Markdown keeps code blocks whole, and what a tool returned cannot end its own", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([
      { toolCalls: [{ name: "no_tool", arguments: { text: "````\n# not a heading\n```" } }] },
      { text: "Here:\n\n```js\nconst a = 1;\n```" },
    ]);
    const [begun] = await user.chat({ message: "show me" });
    const { body } = await user.call<string>("GET", `/sessions/${begun?.data.session_id}/export?format=md`);
    expect(body).toContain("```js\nconst a = 1;\n```");
    expect(body).toMatch(/\n(`{5,})json\n.*# not a heading.*\n\1\n/s);
    expect(body.match(/^## .*$/gm)).toEqual(["## User", "## Assistant", "## Tool `no_tool`", "## Assistant"]);
  });
});

test("a history of very long messages comes in pieces that can be sent", async () => {
  const user = await register(stack.server.url);
  const { id } = await make(user, {});
  const texts = Array.from({ length: 6 }, (_, n) => `${n}${"z".repeat(1_900_000)}`);
  for (const content of texts) await user.call("POST", `/sessions/${id}/messages`, { role: "user", content });
  const read: string[] = [];
  let before = "";
  for (let more = true; more; ) {
    const { body } = await user.call<History>("GET", `/sessions/${id}/messages?limit=200${before}`);
    expect(body.messages.length).toBeLessThan(6);
    read.unshift(...body.messages.map(({ content }) => content.slice(0, 1)));
    before = `&before=${body.messages[0]?.id}`;
    more = body.has_more;
  }
  expect(read).toEqual(["0", "1", "2", "3", "4", "5"]);
});
