// A run has the rights of the key it was asked for with, from its start to its end, whatever happens on the way.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  // Without a sandbox only an admin's own credential may execute anything.
  stack = await startStack({ SANDBOX: "off", HOST_TOOLS: "owner" });
});
afterAll(() => stack.stop());

type Run = { status: string; steps: { tool_calls: { name: string; status: string }[] }[] };
const endOf = async (client: Client, run: string) => {
  await client.events(run);
  const { body } = await client.call<{ run: Run }>("GET", `/agent/runs/${run}`);
  return body.run.steps.flatMap((step) => step.tool_calls).map(({ name, status }) => `${name} ${status}`);
};

test("G16 a run of a key without the scope admin executes nothing without a sandbox, also after a restart and an approval", async () => {
  const owner = new Client(stack.server.url, await stack.server.ownerKey());
  await owner.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
  const made = await owner.call<{ secret: string }>("POST", "/users/me/keys", {
    name: "chat",
    scopes: ["chat", "tools:execute"],
  });
  const script = (path: string) =>
    stack.fake.script([
      { toolCalls: [{ name: "write_file", arguments: { path, content: "x" } }] },
      { toolCalls: [{ name: "execute_shell_command", arguments: { command: "id" } }] },
      { text: ["done"] },
    ]);
  for (const [secret, outcome] of [
    [made.body.secret, "denied"],
    [String(owner.token), "done"],
  ]) {
    script(join(stack.workspace, `${outcome}.txt`));
    const asking = new Client(stack.server.url, secret);
    const { status, body } = await asking.call<{ run_id: string; approvals: { call_id: string }[] }>(
      "POST",
      "/agent/chat/sync",
      { message: "write, then execute" },
    );
    expect(status).toBe(202);
    await stack.restart();
    for (const client of [asking, owner]) client.url = stack.server.url;
    const path = `/agent/runs/${body.run_id}/approvals/${body.approvals[0]?.call_id}`;
    expect((await owner.call("POST", path, { decision: "approve" })).status).toBe(200);
    expect(await endOf(owner, body.run_id)).toEqual(["write_file done", `execute_shell_command ${outcome}`]);
  }
});
