// GET /agent/approvals: whoever comes sees what waits for an answer, without knowing a run.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Open = { call_id: string; run_id: string; session_id: string; session_title?: string; args: unknown };

const write = (...names: string[]) =>
  names
    .map((name) => `call:write_file ${JSON.stringify({ path: join(stack.workspace, name), content: "x" })}`)
    .join("\n");

async function openOf(client: Client): Promise<Open[]> {
  const { status, body } = await client.call<{ approvals: Open[] }>("GET", "/agent/approvals");
  expect(status).toBe(200);
  return body.approvals;
}

/** Chats until everything is asked. @returns the run */
async function asked(client: Client, message: string): Promise<{ run: string; session: string }> {
  const { status, body } = await client.call<{ run_id: string; session_id: string }>(
    "POST",
    "/agent/chat/sync",
    {
      message,
    },
  );
  expect(status).toBe(202);
  return { run: body.run_id, session: body.session_id };
}

describe("the questions that wait", () => {
  test("of all sessions are told, the oldest first, each with its session, until it is answered", async () => {
    const user = await register(stack.server.url);
    expect(await openOf(user)).toEqual([]);
    const first = await asked(user, write("a.txt", "b.txt"));
    const second = await asked(user, write("c.txt"));
    await user.call("PUT", `/sessions/${second.session}/title`, { title: "The third file" });
    const open = await openOf(user);
    expect(open.map(({ run_id }) => run_id)).toEqual([first.run, first.run, second.run]);
    expect(open[2]).toMatchObject({ session_id: second.session, session_title: "The third file" });
    const { call_id } = open[0] as Open;
    await user.call("POST", `/agent/runs/${first.run}/approvals/${call_id}`, { decision: "deny" });
    expect((await openOf(user)).map((one) => one.call_id)).toEqual(open.slice(1).map((one) => one.call_id));
  });

  test("are there after a restart, and gone when their run was cancelled or their session removed", async () => {
    const user = await register(stack.server.url);
    const [one, other] = [await asked(user, write("d.txt")), await asked(user, write("e.txt"))];
    await stack.restart();
    user.url = stack.server.url;
    expect(await openOf(user)).toHaveLength(2);
    await user.call("POST", `/agent/cancel/${one.run}`);
    expect((await openOf(user)).map(({ run_id }) => run_id)).toEqual([other.run]);
    await user.call("DELETE", `/sessions/${other.session}`);
    expect(await openOf(user)).toEqual([]);
  });

  test("are nobody else's, and a key that may only chat sees those of its own runs", async () => {
    const [user, stranger] = [await register(stack.server.url), await register(stack.server.url)];
    const keyOf = async (scopes: string[]) => {
      const { body } = await user.call<{ secret: string }>("POST", "/users/me/keys", { name: "k", scopes });
      return new Client(stack.server.url, body.secret);
    };
    const [chatting, reading] = [await keyOf(["chat"]), await keyOf(["sessions:read"])];
    const byUser = await asked(user, write("f.txt"));
    const byKey = await asked(chatting, write("g.txt"));
    const runsSeen = async (client: Client) => (await openOf(client)).map(({ run_id }) => run_id);
    expect(await runsSeen(stranger)).toEqual([]);
    expect(await runsSeen(chatting)).toEqual([byKey.run]);
    expect(await runsSeen(reading)).toEqual([byUser.run, byKey.run]);
  });

  test("are found by an index and not by reading all calls", () => {
    const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT body FROM documents_calls WHERE "f_asked" = ? AND "f_user_id" = ? ORDER BY "f_approval.asked_at" ASC, id ASC LIMIT ?`,
      )
      .all(1, "usr_1", 100)
      .map(({ detail }) => detail);
    db.close();
    expect(plan).toEqual([
      expect.stringContaining("INDEX documents_calls_asked_by_user (f_asked=? AND f_user_id=?)"),
    ]);
  });
});
