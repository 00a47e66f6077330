import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { NodeId, RunId, UserId } from "../../../../contracts/ids.ts";
import { startUsers, type UsersBroker, until } from "../users/users-broker.ts";

let stack: UsersBroker;
beforeAll(async () => {
  stack = await startUsers();
});
afterAll(() => stack.stop());

/** This test's own look at the run, the sweep's at what is held, and what the machine is asked every few seconds. */
const NOT_OF_IT = new Set(["agent.get", "quota.holds", "node.describe"]);

/** What a chat asks of services, beside the token that the gateway has resolved and the question to the node that is kept. */
async function callsOf(
  token: string,
  body: Record<string, unknown>,
): Promise<{ calls: string[]; session: string }> {
  stack.neighbours.asked.length = 0;
  const { run_id, session_id } = await stack.with(token, "agent.start", { body } as never);
  const isOver = async () => {
    const { run } = await stack.with(token, "agent.get", { run_id: run_id as RunId });
    return run.status === "completed";
  };
  await until(isOver);
  const calls = stack.neighbours.asked.map(({ action }) => action).filter((name) => !NOT_OF_IT.has(name));
  return { calls, session: session_id };
}

test("a plain chat makes at most 10 calls between services, with the one that resolves its token", async () => {
  const { access_token } = await stack.register("ada@example.com");
  const first = await callsOf(access_token, { message: "hello" });
  const next = await callsOf(access_token, { message: "hello again", session_id: first.session });
  expect(first.calls.length).toBeLessThanOrEqual(8);
  expect(next.calls).toEqual([
    "agent.start",
    "sessions.look",
    "quota.reserve",
    // Asked ahead, while the run is still being accepted.
    "tools.offer",
    "nodes.usable",
    "sessions.enter",
    "quota.settle",
    "sessions.leave",
  ]);
});

test("one that narrows its run to labels and tools asks once what there is", async () => {
  const { user, access_token } = await stack.register("grace@example.com");
  await stack.database
    .updateTable("users")
    .set({ role: "admin" })
    .where("id", "=", user.id as UserId)
    .execute();
  const { nodes } = await stack.with(access_token, "nodes.list", {});
  const id = nodes[0]?.id as NodeId;
  await stack.with(access_token, "nodes.update", { id, labels: { room: "studio" } });
  const asked = { message: "hello", labels: { room: "studio" } };
  for (const body of [asked, { ...asked, tools: ["read_file"] }, { ...asked, node_id: id }]) {
    const { calls } = await callsOf(access_token, body);
    expect(calls.filter((name) => ["tools.offer", "tools.list", "nodes.usable"].includes(name))).toEqual([
      "tools.offer",
      "nodes.usable",
    ]);
  }
  const nowhere = { message: "hello", labels: { room: "cellar" }, tools: ["read_file"] };
  await expect(stack.with(access_token, "agent.start", { body: nowhere } as never)).rejects.toMatchObject({
    type: "node_not_found",
  });
});
