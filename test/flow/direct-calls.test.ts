// Calls that a user makes itself, outside of any run.

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const AT_ONCE = 20;

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack({ SANDBOX: "off" });
  owner = new Client(stack.server.url, await stack.server.ownerKey());
  await owner.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
});
afterAll(() => stack.stop());

describe("direct calls", () => {
  test("of one user so many run at once: one more is refused with the time to come again, a run's calls go on", async () => {
    const execute = (command: string) =>
      owner.call("POST", "/tools/execute_shell_command/execute", {
        args: { command, working_directory: stack.workspace },
      });
    const waiting = Array.from({ length: AT_ONCE }, (_, index) =>
      execute(`touch started-${index}; while [ ! -e gate ]; do sleep 0.05; done`),
    );
    const started = () => readdirSync(stack.workspace).filter((name) => name.startsWith("started-")).length;
    await waitFor("all of them run", () => started() === AT_ONCE);
    const refused = await execute("true");
    expect(refused).toMatchObject({ status: 429, body: { code: "concurrency_exceeded" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const events = await owner.chat({ message: `call:execute_shell_command {"command":"true"}` });
    expect(events.find(({ event }) => event === "tool_result")?.data).toMatchObject({ ok: true });
    await writeFile(join(stack.workspace, "gate"), "");
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(AT_ONCE).fill(200));
    expect((await execute("true")).status).toBe(200);
  });
});
