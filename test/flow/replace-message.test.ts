// A message is edited and sent again, or asked again of another model: the new one stands in its place, and what followed it is gone.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

type Session = { id: string; message_count: number };
type Message = { id: string; role: string; content: string; replaces?: string; run_id?: string };
type Done = { run_id: string; session_id: string; code?: string };
type Wire = { role: string; content: string | null };

let stack: Stack;
let user: Client;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
beforeEach(async () => {
  stack.fake.script();
  stack.fake.requests.length = 0;
  user = await register(stack.server.url);
});

const ask = (message: string, more: object = {}, headers: Record<string, string> = {}) =>
  user.call<Done>("POST", "/agent/chat/sync", { message, ...more }, headers);
const outcome = ({ status, body }: { status: number; body: Done }) => `${status} ${body.code ?? "ok"}`;
async function historyOf(session: string, query = "limit=200"): Promise<Message[]> {
  const { body } = await user.call<{ messages: Message[] }>("GET", `/sessions/${session}/messages?${query}`);
  return body.messages;
}
const contents = (messages: Message[]) => messages.map(({ content }) => content);
const countOf = async (session: string) =>
  (await user.call<{ session: { message_count: number } }>("GET", `/sessions/${session}`)).body.session
    .message_count;
const heard = () => (stack.fake.requests.at(-1)?.body.messages ?? []) as Wire[];
/** What the model was asked with last, without the rules. */
const asked = () =>
  heard()
    .slice(1)
    .map(({ content }) => content);
async function conversation(...messages: string[]): Promise<{ session_id: string; messages: Message[] }> {
  let session_id: string | undefined;
  for (const message of messages) {
    const { body } = await ask(message, session_id ? { session_id } : {});
    session_id = body.session_id;
  }
  return { session_id: session_id ?? "", messages: await historyOf(session_id ?? "") };
}
const idOf = (messages: Message[], content: string) =>
  messages.find((message) => message.content === content)?.id ?? "";

describe("replaces", () => {
  test("puts a message in the place of the last one, for people, models, counts and exports", async () => {
    const { session_id, messages } = await conversation("one", "two");
    const replaces = idOf(messages, "two");
    const { body } = await ask("second", { session_id, replaces });
    expect(asked()).toEqual(["one", "echo: one", "second"]);
    const now = await historyOf(session_id);
    expect(contents(now)).toEqual(["one", "echo: one", "second", "echo: second"]);
    expect(now.map((message) => message.replaces)).toEqual([undefined, undefined, replaces, undefined]);
    expect(await countOf(session_id)).toBe(4);
    const listed = await user.call<{ sessions: Session[] }>("GET", "/sessions");
    expect(listed.body.sessions.find(({ id }) => id === session_id)?.message_count).toBe(4);
    const exported = await user.call<{ session: { message_count: number }; messages: Message[] }>(
      "GET",
      `/sessions/${session_id}/export`,
    );
    expect(exported.body.session.message_count).toBe(4);
    expect(contents(exported.body.messages)).toEqual(contents(now));
    // What was is kept in its run, and the audit trail tells what took its place.
    const runs = await user.call<{ runs: { id: string; message_id: string }[] }>(
      "GET",
      `/agent/runs?session_id=${session_id}`,
    );
    expect(runs.body.runs.map(({ message_id }) => message_id)).toContain(replaces);
    expect(runs.body.runs).toHaveLength(3);
    const { audit } = await stack.records();
    const accepted = audit.find((row) => row.subject === body.run_id && row.entry === "run.accepted");
    expect(String(accepted?.details)).toContain(replaces);
  });

  test("the first message too, again and again, and then the session goes on", async () => {
    let { session_id, messages } = await conversation("one", "two", "three");
    for (const text of ["uno", "eins", "un"]) {
      await ask(text, { session_id, replaces: messages[0]?.id });
      messages = await historyOf(session_id);
      expect(contents(messages)).toEqual([text, `echo: ${text}`]);
      expect(asked()).toEqual([text]);
    }
    await ask("deux", { session_id });
    expect(asked()).toEqual(["un", "echo: un", "deux"]);
    await ask("dos", { session_id, replaces: idOf(await historyOf(session_id), "deux") });
    expect(contents(await historyOf(session_id))).toEqual(["un", "echo: un", "dos", "echo: dos"]);
    expect(await countOf(session_id)).toBe(4);
    const text = await user.callAt<string>("GET", `/api/v1/sessions/${session_id}/export?format=md`);
    expect(text.body.match(/^# /gm)).toHaveLength(1);
    expect(text.body).not.toContain("eins");
    const json = await user.call<{ messages: Message[] }>("GET", `/sessions/${session_id}/export`);
    expect(contents(json.body.messages)).toEqual(["un", "echo: un", "dos", "echo: dos"]);
  });

  test("with the same words and another model it is asked of that", async () => {
    const { session_id, messages } = await conversation("which?");
    await ask("which?", { session_id, replaces: messages[0]?.id, model: "openai/other" });
    expect(stack.fake.requests.at(-1)?.body.model).toBe("other");
    expect(asked()).toEqual(["which?"]);
    expect(contents(await historyOf(session_id))).toEqual(["which?", "echo: which?"]);
  });

  test("over many pages: pages upwards hold, also from a message that was replaced meanwhile", async () => {
    const { body } = await user.call<{ session: { id: string } }>("POST", "/sessions", {});
    const session_id = body.session.id;
    for (let index = 0; index < 70; index += 1)
      await user.call("POST", `/sessions/${session_id}/messages`, { role: "user", content: `m${index}` });
    const before = await historyOf(session_id);
    await ask("cut", { session_id, replaces: idOf(before, "m10") });
    const shown = [...Array.from({ length: 10 }, (_, index) => `m${index}`), "cut", "echo: cut"];
    expect(contents(await historyOf(session_id))).toEqual(shown);
    expect(asked()).toEqual(shown.slice(0, 11));
    const newest = await historyOf(session_id, "limit=5");
    expect(contents(newest)).toEqual(shown.slice(-5));
    expect(contents(await historyOf(session_id, `limit=5&before=${newest[0]?.id}`))).toEqual(
      shown.slice(2, 7),
    );
    const gone = idOf(before, "m42");
    expect(contents(await historyOf(session_id, `limit=3&before=${gone}`))).toEqual(["m7", "m8", "m9"]);
    const exported = await user.call<{ messages: Message[] }>("GET", `/sessions/${session_id}/export`);
    expect(contents(exported.body.messages)).toEqual(shown);
    expect(await countOf(session_id)).toBe(12);
    expect((await user.call("DELETE", `/sessions/${session_id}`)).status).toBe(204);
    const { pages } = await stack.records();
    expect(pages.filter((page) => page.session_id === session_id)).toEqual([]);
  });

  test("a summary of what was replaced is in no prompt any more; one of what stands is", async () => {
    const filler = "many words of an older time ".repeat(800);
    const { body } = await user.call<{ session: { id: string } }>("POST", "/sessions", {});
    const session_id = body.session.id;
    for (let index = 0; index < 8; index += 1) {
      await user.call("POST", `/sessions/${session_id}/messages`, {
        role: "user",
        content: `q${index} ${filler}`,
      });
      await user.call("POST", `/sessions/${session_id}/messages`, {
        role: "assistant",
        content: `a${index}`,
      });
    }
    stack.fake.script(({ body: { messages } }) => {
      const isSummary = (messages as Wire[])[0]?.content?.startsWith("Summarise");
      return { text: isSummary ? "THE-SUMMARY" : "fine" };
    });
    const system = () => heard()[0]?.content ?? "";
    await ask("and now?", { session_id });
    expect(system()).toContain("THE-SUMMARY");
    await ask("or now?", { session_id, replaces: idOf(await historyOf(session_id), "and now?") });
    expect(system()).toContain("THE-SUMMARY");
    const first = (await historyOf(session_id)).find(({ content }) => content.startsWith("q2 "));
    await ask("from here", { session_id, replaces: first?.id });
    expect(system()).not.toContain("THE-SUMMARY");
    expect(asked().at(-2)).toBe("a1");
  });

  test("the same Idempotency-Key is the same run and replaces once", async () => {
    const { session_id, messages } = await conversation("one");
    const more = { session_id, replaces: messages[0]?.id };
    const headers = { "Idempotency-Key": "again" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask("two", more, headers)));
    expect(new Set(answers.map(({ body }) => body.run_id)).size).toBe(1);
    expect(contents(await historyOf(session_id))).toEqual(["two", "echo: two"]);
    expect(outcome(await ask("two", { session_id }, headers))).toBe("422 idempotency_mismatch");
  });

  test("of ten at once one does; the others change nothing and leave the session free", async () => {
    const { session_id, messages } = await conversation("one");
    const more = { session_id, replaces: messages[0]?.id };
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(`try ${index}`, more)));
    const outcomes = answers.map(outcome).toSorted();
    expect(outcomes[0]).toBe("200 ok");
    for (const other of outcomes.slice(1)) expect(other).toMatch(/^409 (session_busy|conflict)$/);
    const now = await historyOf(session_id);
    expect(now.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(outcome(await ask("next", { session_id }))).toBe("200 ok");
  });

  test("is refused where it could surprise, and then nothing is changed or charged", async () => {
    const { session_id, messages } = await conversation("one", "two");
    const [one = "", two = ""] = [idOf(messages, "one"), idOf(messages, "two")];
    const other = await conversation("elsewhere");
    await ask("zwei", { session_id, replaces: two });
    const before = contents(await historyOf(session_id));
    const used = async () =>
      (await user.call<{ today: { requests: number } }>("GET", "/users/me/usage")).body.today.requests;
    const requests = await used();
    const outcomes = [
      await ask("x", { session_id, replaces: two }),
      await ask("x", { session_id, replaces: idOf(messages, "echo: one") }),
      await ask("x", { session_id, replaces: other.messages[0]?.id }),
      await ask("x", { session_id, replaces: "msg_none" }),
      await ask("x", { replaces: one }),
      await ask("x", { session_id, replaces: one, if_busy: "queue" }),
      await ask("x", { session_id, replaces: one, if_busy: "interrupt" }),
      await ask("x", { session_id, replaces: "" }),
    ].map(outcome);
    expect(outcomes).toEqual([
      ...["409 conflict", "422 invalid_request", "404 message_not_found", "404 message_not_found"],
      ...Array(4).fill("422 invalid_request"),
    ]);
    expect(contents(await historyOf(session_id))).toEqual(before);
    expect(await used()).toBe(requests);
    const { body } = await user.call<{ session: { active_run_id: null } }>("GET", `/sessions/${session_id}`);
    expect(body.session.active_run_id).toBeNull();
    const stranger = await register(stack.server.url);
    const theirs = await stranger.call<Done>("POST", "/agent/chat/sync", {
      message: "x",
      session_id,
      replaces: one,
    });
    expect(outcome(theirs)).toBe("404 session_not_found");
  });

  test("is refused while the session works on a run", async () => {
    const { session_id, messages } = await conversation("one");
    const gate = Promise.withResolvers<void>();
    stack.fake.script(({ heard }) =>
      heard.message === "hold" ? { text: "held", gate: gate.promise } : undefined,
    );
    const working = ask("hold", { session_id });
    await stack.fake.waitForRequest(({ body }) => JSON.stringify(body).includes("hold"));
    expect(outcome(await ask("x", { session_id, replaces: messages[0]?.id }))).toBe("409 session_busy");
    gate.resolve();
    expect(outcome(await working)).toBe("200 ok");
    expect(contents(await historyOf(session_id))).toEqual(["one", "echo: one", "hold", "held"]);
  });
});
