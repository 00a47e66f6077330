// Kills the server at random moments while users do everything they can, again and again, and lets the auditor judge what is
// left. By hand: `KILL_CYCLES=200 npm run test:long -- kill-cycles` ; `KILL_SEED=<seed>` repeats a series.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { audit } from "../support/auditor.ts";
import { register } from "../support/client.ts";
import { randomOf } from "../support/random.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Sent, User } from "./random-user.ts";

const CYCLES = Number(process.env.KILL_CYCLES ?? 6);
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e9));
const USERS = 4;
const LONGEST_LIFE_MS = 500;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  stack.fake.script(({ heard }) =>
    heard.results.length > 0 ? { text: ["it ", "is ", "written ", "down"], delayMs: 5 } : undefined,
  );
});
afterAll(() => stack.stop());

describe(`G1 to G9 after ${CYCLES} random kills (KILL_SEED=${SEED})`, () => {
  test(
    "nothing accepted is lost, nothing is done twice, everything ends",
    async () => {
      const random = randomOf(SEED);
      const users: User[] = [];
      for (let i = 0; i < USERS; i += 1) users.push(await newUser(random));
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        const lives = users.map((user) => user.liveUntilDead());
        await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE_MS));
        await stack.server.kill("SIGKILL");
        await Promise.all(lives);
        await stack.restart();
        for (const user of users) user.client.url = stack.server.url;
      }
      for (const user of users) {
        await waitFor("all runs have ended", () => user.isQuiet());
        for (const sent of user.sent) await judge(user, sent);
      }
      await stack.server.kill("SIGTERM");
      expect(audit(stack.server.home)).toEqual([]);
    },
    240_000 + CYCLES * 60_000,
  );
});

/** One whose writing tools may append without being asked, and without limits. */
async function newUser(random: () => number): Promise<User> {
  const client = await register(stack.server.url);
  await client.call("PUT", "/users/me/policy", { rules: [{ tool: "append_file", decision: "allow" }] });
  const owner = { Authorization: `Bearer ${await stack.server.ownerKey()}` };
  await client.call("PATCH", `/admin/users/${client.id}`, { plan: "enterprise" }, owner);
  return new User(client, join(stack.workspace, client.id), random);
}

/** What was accepted has ended as it may, its key still finds it, and what it should write is written once or not at all. */
async function judge(user: User, sent: Sent): Promise<void> {
  const run = await user.viewOf(sent.run);
  // Three deaths over the same step are the one reason to give a run up.
  const mayBe = [run.error?.code === "run_poisoned" ? "failed" : "completed"];
  if (sent.mayBeCancelled) mayBe.push("cancelled");
  expect(mayBe).toContain(run.status);
  expect(await user.runOfKey(sent)).toBe(sent.run);
  if (sent.line === "") return;
  const status = run.steps[0]?.tool_calls[0]?.status ?? "never asked for";
  const written = await readFile(user.path, "utf8").catch(() => "");
  const times = written.split("\n").filter((line) => line === sent.line).length;
  const mayHaveRun = ["outcome_unknown", "cancelled"].includes(status);
  expect({ status, times, ...sent }).toEqual({
    status,
    times: mayHaveRun ? Math.min(times, 1) : status === "done" ? 1 : 0,
    ...sent,
  });
}
