// A machine works on so many calls at once: nobody may fill it alone.

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const DIRECTLY = 20;
const OF_A_RUN = 32;

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack({ SANDBOX: "off" });
  owner = new Client(stack.server.url, await stack.server.ownerKey());
  await owner.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
});
afterAll(() => stack.stop());

/** A command that says that it runs, and waits; not busily, since there are many of them. */
const waits = (name: string) =>
  `touch ${name}; while [ ! -e ${name.split("-")[0]}-gate ]; do sleep 0.5; done`;
const running = (kind: string) =>
  readdirSync(stack.workspace).filter((name) => name.startsWith(`${kind}-`)).length;
const open = (kind: string) => writeFile(join(stack.workspace, `${kind}-gate`), "");
const working_directory = () => stack.workspace;

describe("direct calls", () => {
  test("of one user so many run at once: one more is refused with the time to come again, a run's calls go on", async () => {
    const execute = (command: string) =>
      owner.call("POST", "/tools/execute_shell_command/execute", {
        args: { command, working_directory: working_directory(), timeout_s: 300 },
      });
    const waiting = Array.from({ length: DIRECTLY }, (_, index) => execute(waits(`direct-${index}`)));
    await waitFor("all of them run", () => running("direct") === DIRECTLY);
    const refused = await execute("true");
    expect(refused).toMatchObject({ status: 429, body: { code: "concurrency_exceeded" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const events = await owner.chat({ message: `call:execute_shell_command {"command":"true"}` });
    expect(events.find(({ event }) => event === "tool_result")?.data).toMatchObject({ ok: true });
    await open("direct");
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(DIRECTLY).fill(200));
    expect((await execute("true")).status).toBe(200);
  });
});

describe("calls of a run", () => {
  test("of many that a model asks for some run at once and the others after them; each has its result, in order", async () => {
    const toolCalls = Array.from({ length: OF_A_RUN + 8 }, (_, index) => ({
      name: "execute_shell_command",
      arguments: {
        command: waits(`run-${index}`),
        working_directory: working_directory(),
        timeout_s: 300,
      },
    }));
    stack.fake.script([{ toolCalls }, { text: "done" }]);
    const chat = owner.chat({ message: "all of it" });
    await waitFor("as many as may run do", () => running("run") === OF_A_RUN);
    // Whatever else had been sent would be there by the end of another call.
    await owner.call("POST", "/tools/execute_shell_command/execute", { args: { command: "true" } });
    expect(running("run")).toBe(OF_A_RUN);
    await open("run");
    const events = await chat;
    expect(auditEvents(events)).toEqual([]);
    const results = events.filter(({ event }) => event === "tool_result");
    expect(results.map(({ data }) => data.ok)).toEqual(toolCalls.map(() => true));
    const [, question] = stack.fake.requests.slice(-2);
    expect(question?.heard.results.length).toBe(toolCalls.length);
  });
});
