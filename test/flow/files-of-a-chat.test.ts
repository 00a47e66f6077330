// How far the way of a chat is for who reads it (docs/request-path.md).
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

/** Files of ours that run in a plain chat, from the request to its `done`. Fewer is better; more needs a reason. */
const MOST = 121;
/** Where a chat is slow, what looks after the server runs in nearly every one: then there are more of them. */
const CHATS = { least: 4, most: 16 };

let stack: Stack;
beforeAll(async () => {
  const probe = pathToFileURL(join(import.meta.dirname, "../support/executed-files.mjs")).href;
  stack = await startStack({ NODE_OPTIONS: `--import=${probe}` });
});
afterAll(() => stack.stop());

/** The files that ran since the last time. */
async function executed(): Promise<Set<string>> {
  const told = () => stack.server.output().split("executed ").slice(1);
  const before = told().length;
  process.kill(stack.server.pid, "SIGUSR2");
  await waitFor("the files", () => told().length > before && (told().at(-1) ?? "").includes("\n"));
  return new Set(JSON.parse((told().at(-1) ?? "").split("\n")[0] ?? "[]") as string[]);
}

test("a plain chat goes through a bounded number of files", async () => {
  const user = await register(stack.server.url);
  await user.chat({ message: "hello" });
  // What looks after the server from time to time runs in some of them and not in others.
  let always: Set<string> | undefined;
  const isEnough = (chats: number) => chats >= CHATS.least && (always?.size ?? 0) <= MOST;
  for (let chat = 0; !isEnough(chat) && chat < CHATS.most; chat += 1) {
    await executed();
    await user.chat({ message: `hello ${chat}` });
    const now = await executed();
    always = always?.intersection(now) ?? now;
  }
  expect([...(always ?? [])].sort()).toEqual(
    expect.arrayContaining(["services/api/chat.ts", "lib/embedded/store.ts"]),
  );
  expect(always?.size).toBeLessThanOrEqual(MOST);
});
