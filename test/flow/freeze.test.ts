// Freezing the machine that the server runs on, and all machines: what runs there ends within a second, in a run as in a direct call, and
// nothing runs until it is thawed, whatever is started again meanwhile.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type Node = { id: string; frozen: boolean; frozen_by?: string[] };

let stack: Stack;
let admin: Client;
let node: string;
beforeAll(async () => {
  stack = await startStack({ SANDBOX: "off" });
  admin = new Client(stack.server.url, await stack.server.ownerKey());
  await admin.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
  node = (await admin.call<{ nodes: Node[] }>("GET", "/nodes")).body.nodes[0]?.id ?? "";
});
afterAll(() => stack.stop());

const ticking = (file: string) =>
  `trap '' TERM; while :; do echo t >> ${join(stack.workspace, file)}; sleep 0.05; done`;
const ticks = async (file: string) =>
  (await readFile(join(stack.workspace, file), "utf8").catch(() => "")).length;
const execute = (command: string) =>
  admin.call<{ ok: boolean; error?: { code: string }; code?: string }>(
    "POST",
    "/tools/execute_shell_command/execute",
    {
      args: { command, working_directory: stack.workspace },
    },
  );
const say = (what: string) => admin.call<{ node: Node }>("POST", what);

test("what runs on it ends, as cancelled; what comes is refused in words", async () => {
  const ended = execute(ticking("direct"));
  await waitFor("it runs", async () => (await ticks("direct")) > 4);
  const { body } = await say(`/nodes/${node}/freeze`);
  const answered = performance.now();
  expect(body.node).toMatchObject({ frozen: true, frozen_by: ["owner"] });
  expect((await ended).body).toMatchObject({ ok: false, error: { code: "frozen" } });
  expect(performance.now() - answered).toBeLessThan(1_000);
  expect(await execute("echo ran")).toMatchObject({ status: 409, body: { code: "node_frozen" } });
});

test("a run is told so, and goes on to its end", async () => {
  const { body } = await admin.call<{ status: string }>("POST", "/agent/chat/sync", {
    message: `call:execute_shell_command ${JSON.stringify({ command: "echo ran" })}`,
  });
  expect(body.status).toBe("completed");
  expect(await stack.stored()).toContain("is frozen since");
});

test("it stays so when the server starts again, and works when it is thawed", async () => {
  await stack.restart();
  admin = new Client(stack.server.url, await stack.server.ownerKey());
  expect(await execute("echo ran")).toMatchObject({ status: 409 });
  expect((await say(`/nodes/${node}/thaw`)).body.node.frozen).toBe(false);
  expect((await execute("echo ran")).body).toMatchObject({ ok: true });
});

test("an admin freezes all machines, and thaws them", async () => {
  const ended = execute(ticking("all"));
  await waitFor("it runs", async () => (await ticks("all")) > 4);
  const isFrozen = async () => (await admin.call("GET", "/admin/freeze")).body;
  expect(await isFrozen()).toEqual({ frozen: false, frozen_since: null });
  expect((await say("/admin/freeze")).status).toBe(200);
  expect(await isFrozen()).toEqual({ frozen: true, frozen_since: expect.any(String) });
  expect((await ended).body).toMatchObject({ ok: false, error: { code: "frozen" } });
  expect((await say(`/nodes/${node}/thaw`)).body.node).toMatchObject({ frozen: true, frozen_by: ["admin"] });
  await say("/admin/thaw");
  expect((await execute("echo ran")).body).toMatchObject({ ok: true });
});
