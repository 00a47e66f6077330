// Plugins that do what no tool should, in a real server: the call that it belongs to ends, the server and everybody else go on.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const BAD: Record<string, string> = {
  rejects: "void Promise.reject(new Error('stray one')); await new Promise(() => {});",
  throws_in_a_timer: "setTimeout(() => { throw new Error('stray two'); }, 5); await new Promise(() => {});",
  throws_in_an_event:
    "(await import('node:fs')).createReadStream('/nowhere/at/all'); await new Promise(() => {});",
  throws_no_error: "setImmediate(() => { throw null; }); await new Promise(() => {});",
  exits: "process.exit(3);",
  exits_later: "setTimeout(() => process.exit(3), 5); await new Promise(() => {});",
  aborts: "process.abort();",
  throws_when_it_is_over: "setTimeout(() => { throw new Error('stray late'); }, 50); return { ok: true };",
};

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack();
  const plugins = join(stack.server.home, "plugins");
  await mkdir(plugins, { recursive: true });
  for (const [name, body] of Object.entries(BAD))
    await writeFile(
      join(plugins, `${name}.mjs`),
      `setTimeout(() => { throw new Error("from the top level of ${name}"); }, 100);
       export default { name: "${name}", description: "Does harm.", risk: "read", runsOn: "node", timeoutMs: 20000,
         parameters: { type: "object", properties: {} }, async execute() { ${body} } };`,
    );
  await stack.restart();
  owner = new Client(stack.server.url, await stack.server.ownerKey());
  const { body } = await owner.call<{ tools: { name: string }[] }>("GET", "/tools");
  const missing = Object.keys(BAD).filter((name) => !body.tools.some((tool) => tool.name === name));
  expect([missing, missing.length > 0 ? stack.server.output() : ""]).toEqual([[], ""]);
});
afterAll(() => stack.stop());

const run = (name: string) =>
  owner.call<{ ok: boolean; error?: { code: string; message: string } }>("POST", `/tools/${name}/execute`, {
    args: {},
  });

describe("a plugin that throws where nobody waits for it, or ends the process", () => {
  test.each([
    ["rejects", "stray one"],
    ["throws_in_a_timer", "stray two"],
    ["throws_in_an_event", "no such file"],
    ["throws_no_error", ""],
    ["exits", "end the whole server"],
    ["exits_later", "end the whole server"],
    ["aborts", "end the whole server"],
  ])("%s: its call ends with that, not the server", async (name, words) => {
    const pid = stack.server.pid;
    const { status, body } = await run(name);
    expect([status, body.ok]).toEqual([200, false]);
    expect(body.error?.message).toContain(words);
    expect((await owner.call("GET", "/health/live")).status).toBe(200);
    expect(stack.server.pid).toBe(pid);
  });

  test("what comes when its call is over, or from its top level, is in the log with its name", async () => {
    expect(await run("throws_when_it_is_over")).toMatchObject({ status: 200, body: { ok: true } });
    await waitFor("stray late in the log", () => stack.server.output().includes("stray late"));
    await waitFor("from the top level of rejects in the log", () =>
      stack.server.output().includes("from the top level of rejects"),
    );
    expect((await owner.call("GET", "/health/live")).status).toBe(200);
  });
});
