// A picture that a tool gives, over HTTP: the model sees it; whoever watches, reads the run or the session later is told of it, and
// never gets its bytes.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ HOST_TOOLS: "all" });
  const plugins = join(stack.server.home, "plugins");
  await mkdir(plugins, { recursive: true });
  await writeFile(
    join(plugins, "look.mjs"),
    `export default { name: "look", description: "Looks.", risk: "read", runsOn: "node",
       parameters: { type: "object", properties: {} },
       async execute() { return { ok: true, data: "a screen", images: [{ data: "${PNG}" }] }; } };`,
  );
  await stack.restart();
});
afterAll(() => stack.stop());

test("is seen by the model in that run, and told to everybody else", async () => {
  const user = await register(stack.server.url);
  stack.fake.script([{ toolCalls: [{ name: "look", arguments: {} }] }, { text: "I see one pixel." }]);
  const events = await user.chat({ message: "what is on the screen?" });
  const asked = JSON.stringify(stack.fake.requests.at(-1)?.body);
  expect(asked).toContain(`data:image/png;base64,${PNG}`);
  const told = events.find(({ event }) => event === "tool_result");
  expect(told?.data.result).toEqual({
    ok: true,
    data: "a screen",
    images: [{ media_type: "image/png", bytes: Buffer.from(PNG, "base64").length }],
  });
  const { run_id, session_id } = (events[0]?.data ?? {}) as Record<string, string>;
  const run = await user.call("GET", `/agent/runs/${run_id}`);
  const messages = await user.call("GET", `/sessions/${session_id}/messages`);
  expect([run.status, messages.status]).toEqual([200, 200]);
  expect(JSON.stringify([events, run.body, messages.body])).not.toContain(PNG);

  stack.fake.script([{ text: "I remember." }]);
  await user.chat({ message: "and now?", session_id });
  const later = JSON.stringify(stack.fake.requests.at(-1)?.body);
  expect(later).toContain("call the tool again");
  expect(later).not.toContain(PNG);
  // Whoever calls the tool himself gets the picture.
  const direct = await user.call<{ images: { data: string }[] }>("POST", "/tools/look/execute", { args: {} });
  expect(JSON.stringify(direct.body)).toContain(PNG);
  expect(stack.server.output()).not.toContain(PNG);
});
