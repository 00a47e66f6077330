// The user's own event stream: what of sessions, runs, questions and machines changes, and nobody else's.
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createParser } from "eventsource-parser";
import { NEWS_DATA } from "../../contracts/answers/news.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type News = { event: string; data: Record<string, unknown> };
let leave = new AbortController();
afterEach(() => {
  leave.abort();
  leave = new AbortController();
});

/** Heard from the moment that this answers; each fits its schema. */
async function watch(client: Client): Promise<{ heard: News[]; ended: Promise<void> }> {
  const response = await client.open("GET", "/events", undefined, {}, leave.signal);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  const heard: News[] = [];
  const parser = createParser({
    onEvent({ event = "", data }) {
      const told = JSON.parse(data) as Record<string, unknown>;
      NEWS_DATA[event as keyof typeof NEWS_DATA].parse(told);
      heard.push({ event, data: told });
    },
  });
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? [])
      parser.feed(decoder.decode(piece as Uint8Array, { stream: true }));
  };
  const ended = read().catch(() => undefined);
  await waitFor("everything is heard", () => heard.some(({ event }) => event === "ready"));
  heard.length = 0;
  return { heard, ended };
}

const of = (heard: News[], name: string) =>
  heard.filter(({ event }) => event === name).map(({ data }) => data);

describe("GET /events", () => {
  test("tells of runs and their questions, in every session", async () => {
    const user = await register(stack.server.url);
    const { heard } = await watch(user);
    const path = join(stack.workspace, "news.txt");
    const asked = await user.call<{ run_id: string; session_id: string; approvals: { call_id: string }[] }>(
      "POST",
      "/agent/chat/sync",
      { message: `call:write_file ${JSON.stringify({ path, content: "a" })}` },
    );
    const { run_id, session_id, approvals } = asked.body;
    const call_id = approvals[0]?.call_id;
    await waitFor("it waits", () => of(heard, "run").at(-1)?.status === "waiting_approval");
    await user.call("POST", `/agent/runs/${run_id}/approvals/${call_id}`, { decision: "deny" });
    await waitFor("it has ended", () => of(heard, "run").at(-1)?.status === "completed");
    // The same may be told again.
    const states = of(heard, "run").map(({ status }) => status);
    expect(states.filter((status, at) => status !== states[at - 1])).toEqual([
      ...["running", "waiting_approval", "running", "completed"],
    ]);
    expect(of(heard, "run")[0]).toEqual({ run_id, session_id, status: "running" });
    expect(of(heard, "approval")).toEqual([
      { run_id, session_id, call_id, decision: null },
      { run_id, session_id, call_id, decision: "deny" },
    ]);
  });

  test("tells of sessions and machines that change", async () => {
    const owner = new Client(stack.server.url, await stack.server.ownerKey());
    const { heard } = await watch(owner);
    const { body } = await owner.call<{ session: { id: string } }>("POST", "/sessions", { title: "a" });
    const session_id = body.session.id;
    await owner.call("PUT", `/sessions/${session_id}/title`, { title: "b" });
    await owner.call("DELETE", `/sessions/${session_id}`);
    await waitFor("it is removed", () => of(heard, "session").length === 3);
    expect(of(heard, "session")).toEqual(
      ["created", "changed", "removed"].map((change) => ({ session_id, change })),
    );
  });

  test("tells nobody of what is somebody else's", async () => {
    const [user, stranger] = [await register(stack.server.url), await register(stack.server.url)];
    const [mine, theirs] = [await watch(user), await watch(stranger)];
    await user.chat({ message: "hello" });
    await waitFor("the run has ended", () => of(mine.heard, "run").at(-1)?.status === "completed");
    await stranger.call("POST", "/sessions", {});
    await waitFor("the stranger hears something", () => theirs.heard.length > 0);
    expect(theirs.heard.map(({ event }) => event)).toEqual(["session"]);
  });

  test("ends with the credential, and needs one that may read", async () => {
    const user = await register(stack.server.url);
    const make = async (scopes: string[]) =>
      (
        await user.call<{ secret: string; key: { id: string } }>("POST", "/users/me/keys", {
          name: "k",
          scopes,
        })
      ).body;
    const [reading, working] = [await make(["sessions:read"]), await make(["tools:execute"])];
    const refused = await new Client(user.url, working.secret).call("GET", "/events");
    expect([refused.status, refused.body]).toMatchObject([403, { code: "scope_missing" }]);
    const { ended } = await watch(new Client(user.url, reading.secret));
    await user.call("DELETE", `/users/me/keys/${reading.key.id}`);
    await ended;
  });
});
