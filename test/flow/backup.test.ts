// The backup of a server on its own files, as docs/operations.md says it: stopped, copied, and started from the copy.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { audit } from "../support/auditor.ts";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { startServer } from "../support/start-server.ts";

let stack: Stack;
let copy: string;
beforeAll(async () => {
  stack = await startStack();
  copy = await mkdtemp(join(tmpdir(), "macjarvis-copy-"));
});
afterAll(async () => {
  await stack.stop();
  await rm(copy, { recursive: true, force: true });
});

test("a copy of the data folder, taken while no server runs, is the whole server: people, what was said, events, keys, audit", async () => {
  const user = await register(stack.server.url);
  const told = await user.chat({ message: "keep this" });
  const ownerKey = await stack.server.ownerKey();
  await stack.server.kill("SIGTERM");
  await cp(stack.server.home, copy, { recursive: true });
  const restored = await startServer({}, { home: copy });
  user.url = restored.url;
  expect(await user.events(String(told[0]?.data.run_id))).toEqual(told);
  const path = `/sessions/${told[0]?.data.session_id}/messages`;
  const { body } = await user.call<{ messages: { content: string }[] }>("GET", path);
  expect(body.messages[0]?.content).toBe("keep this");
  expect(await restored.ownerKey()).toBe(ownerKey);
  await restored.kill("SIGTERM");
  expect(audit(copy)).toEqual([]);
});
