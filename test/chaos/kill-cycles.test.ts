// Kills the server at random moments while users chat, again and again, and lets the auditor judge what is left.
// By hand: `KILL_CYCLES=200 npm test -- test/chaos` ; `KILL_SEED=<seed>` repeats a series.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { audit, auditEvents } from "../support/auditor.ts";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const CYCLES = Number(process.env.KILL_CYCLES ?? 6);
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e9));
const USERS = 3;
const LONGEST_LIFE_MS = 400;

type User = Awaited<ReturnType<typeof register>>;
type Ended = { status: string; error?: { code: string } };
type Accepted = { user: User; run: string; session: string; line: string };

/** A small generator with a seed (mulberry32), so that a series that failed can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

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
      for (let i = 0; i < USERS; i += 1) users.push(await newUser());
      const accepted: Accepted[] = [];
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        const chats = users.map((user) => chatUntilDead(user, random, accepted));
        await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE_MS));
        await stack.server.kill("SIGKILL");
        await Promise.all(chats);
        await stack.restart();
        for (const user of users) user.url = stack.server.url;
      }
      for (const one of accepted) await judge(one);
      await stack.server.kill("SIGTERM");
      expect(audit(stack.server.home)).toEqual([]);
    },
    60_000 + CYCLES * 15_000,
  );
});

async function newUser(): Promise<User> {
  const user = await register(stack.server.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "allow" }] });
  const limits = { plan: "enterprise" };
  const owner = await stack.server.ownerKey();
  await user.call("PATCH", `/admin/users/${user.id}`, limits, { Authorization: `Bearer ${owner}` });
  return user;
}

/** Chats until the server is gone. A chat counts as accepted once its `run` event is there. */
async function chatUntilDead(user: User, random: () => number, accepted: Accepted[]): Promise<void> {
  const path = join(stack.workspace, `${user.id}.txt`);
  for (;;) {
    const line = `${accepted.length}-${Math.floor(random() * 1e9)}`;
    const args = { path, content: `${line}\n`, create_if_missing: true };
    try {
      const events = await user.chat({ message: `call:append_file ${JSON.stringify(args)}` });
      const first = events[0]?.data;
      if (first) accepted.push({ user, run: String(first.run_id), session: String(first.session_id), line });
      if (events.at(-1)?.event !== "done") return;
    } catch {
      return;
    }
  }
}

async function judge({ user, run, session, line }: Accepted): Promise<void> {
  const ended = await waitFor(`run ${run} has ended`, async () => {
    const { body } = await user.call<{ run: Ended }>("GET", `/agent/runs/${run}`);
    return ["completed", "failed", "cancelled"].includes(body.run.status) && body.run;
  });
  // Three deaths over the same step are the one reason to give a run up (run-engine.md, "Ownership").
  const wasGivenUp = ended.error?.code === "run_poisoned";
  expect(ended).toMatchObject(wasGivenUp ? { status: "failed" } : { status: "completed" });
  const events = await user.events(run);
  expect(auditEvents(events)).toEqual([]);
  const result = events.find((event) => event.event === "tool_result")?.data;
  const lines = (await readFile(join(stack.workspace, `${user.id}.txt`), "utf8").catch(() => "")).split("\n");
  const times = lines.filter((written) => written === line).length;
  expect({ line, times: result?.status === "done" ? times : Math.min(times, 1) }).toEqual({
    line,
    times: result?.status === "done" ? 1 : times,
  });
  const { body } = await user.call<{ messages: { role: string }[] }>("GET", `/sessions/${session}/messages`);
  const whole = ["user", "assistant", "tool", "assistant"];
  const roles = body.messages.map((message) => message.role);
  expect(roles).toEqual(wasGivenUp ? whole.slice(0, roles.length) : whole);
}
