import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { auditRecords } from "../support/auditor.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let admin: Client;
beforeAll(async () => {
  stack = await startStack();
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterEach(() => {
  stack.fake.release();
  stack.fake.script();
});
afterAll(() => stack.stop());

type Limits = Record<string, number | null>;

/** Changes limits of the free plan as an operator would, in the stopped server's database. */
async function freePlan(limits: Limits): Promise<void> {
  await stack.server.kill("SIGTERM");
  const [row] = await stack.sql("SELECT limits FROM plans WHERE name = 'free'");
  const all = { ...(JSON.parse(String(row?.limits)) as Limits), ...limits };
  await stack.sql(`UPDATE plans SET limits = '${JSON.stringify(all)}' WHERE name = 'free'`);
  await stack.restart();
  admin.url = stack.server.url;
}

type User = Awaited<ReturnType<typeof register>>;

/** Somebody new with limits of their own, and with runs enough for a day. */
async function userWith(limits: Limits): Promise<User> {
  const user = await register(stack.server.url);
  const { status } = await admin.call("PATCH", `/admin/users/${user.id}`, {
    limits: { runs_per_day: 200, ...limits },
  });
  expect(status).toBe(200);
  return user;
}

describe("quota", () => {
  test("G7 of 50 chats at once with quota for 3, exactly 3 are admitted and charged", async () => {
    await freePlan({ runs_per_day: 3, runs_per_minute: null, concurrent_runs: null });
    const user = await register(stack.server.url);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        user.call<{ code?: string }>("POST", "/agent/chat/sync", { message: `chat ${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(47);
    expect(refused[0]?.body.code).toBe("quota_exceeded");
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused[0]?.headers.get("x-ratelimit-remaining")).toBe("0");
    const { body } = await user.call<{ today: Record<string, number> }>("GET", "/users/me/usage");
    expect(body.today).toMatchObject({ requests: 3, limit: 3, remaining: 0 });
  });

  test("the number of runs at once is bounded, and free again after their end", async () => {
    const user = await userWith({ concurrent_runs: 2 });
    stack.fake.hold();
    const first = await user.chat({ message: "one" }, { until: () => true });
    const second = await user.chat({ message: "two" }, { until: () => true });
    const third = await user.call<{ code: string }>("POST", "/agent/chat", { message: "three" });
    expect([third.status, third.body.code]).toEqual([429, "concurrency_exceeded"]);
    stack.fake.release();
    await user.events(String(first[0]?.data.run_id));
    await user.events(String(second[0]?.data.run_id));
    const short = (message: string) => user.call("POST", "/agent/chat/sync", { message });
    expect((await short("four")).status).toBe(200);
    // Runs that have just ended do not stand in line: they make no room.
    await Promise.all([short("five"), short("six")]);
    stack.fake.hold();
    const many = await Promise.all(
      Array.from({ length: 4 }, () => user.open("POST", "/agent/chat", { message: "at once" })),
    );
    expect(many.map(({ status }) => status).toSorted()).toEqual([200, 200, 429, 429]);
    stack.fake.release();
    for (const answer of many) await answer.text();
  });

  test("a run that waits for an answer, and one that waits in line, are not runs at once", async () => {
    const user = await userWith({ concurrent_runs: 1 });
    const path = join(stack.workspace, "waits.txt");
    const message = `call:write_file ${JSON.stringify({ path, content: "x" })}`;
    const [asked] = await user.chat({ message }, { until: ({ event }) => event === "approval_required" });
    stack.fake.hold();
    const [running] = await user.chat({ message: "one" }, { until: () => true });
    const { run_id, session_id } = running?.data ?? {};
    const second = await user.call<{ code: string }>("POST", "/agent/chat", { message: "two" });
    expect([second.status, second.body.code]).toEqual([429, "concurrency_exceeded"]);
    const behind = { message: "three", session_id, if_busy: "queue" };
    const [inLine] = await user.chat(behind, { until: () => true });
    expect(inLine?.data.status).toBe("queued");
    stack.fake.release();
    await user.call("POST", `/agent/cancel/${asked?.data.run_id}`);
    for (const run of [asked?.data.run_id, run_id, inLine?.data.run_id]) await user.events(String(run));
  });

  test("the day's tokens are a limit too, and are counted as used", async () => {
    const user = await userWith({ tokens_per_day: 24_000, concurrent_runs: 5 });
    stack.fake.script(() => ({ text: "x", usage: { input: 12_000, output: 100 } }));
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await user.call("POST", "/agent/chat/sync", { message: "more" })).status);
    expect(statuses.at(-1)).toBe(429);
    const { body } = await user.call<{ today: { input_tokens: number } }>("GET", "/users/me/usage");
    expect(body.today.input_tokens).toBeGreaterThanOrEqual(1_000);
    stack.fake.script();
  });

  test("a day with too little left for a run is 429 until midnight, not a row of empty answers", async () => {
    const user = await userWith({ tokens_per_day: 20_000, concurrent_runs: 5 });
    stack.fake.script(() => ({ text: "x", usage: { input: 18_000, output: 100 } }));
    const chat = () => user.call<{ code?: string }>("POST", "/agent/chat/sync", { message: "more" });
    expect((await chat()).status).toBe(200);
    const refused = await chat();
    expect([refused.status, refused.body.code]).toEqual([429, "quota_exceeded"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(5);
  });

  test("a run's budget is its ceiling, not held from the user's other runs", async () => {
    const user = await userWith({ tokens_per_day: 50_000, concurrent_runs: 5 });
    stack.fake.hold();
    const [first] = await user.chat({ message: "one", budget: { tokens: 50_000 } }, { until: () => true });
    const [second] = await user.chat({ message: "two" }, { until: () => true });
    stack.fake.release();
    for (const run of [first, second]) await user.events(String(run?.data.run_id));
  });

  test("answers of every step may be long while the day has tokens", async () => {
    const user = await userWith({ tokens_per_day: 500_000, concurrent_runs: 5 });
    const asked = stack.fake.requests.length;
    const turn = {
      toolCalls: [{ name: "no_such_tool", arguments: {} }],
      usage: { input: 3_000, output: 3_000 },
    };
    stack.fake.script([turn, turn, turn, { text: "done" }]);
    await user.call("POST", "/agent/chat/sync", { message: "go on" });
    const allowed = stack.fake.requests
      .slice(asked)
      .map(({ body }) => Number(body.max_completion_tokens ?? body.max_tokens));
    expect(allowed).toHaveLength(4);
    expect(Math.min(...allowed)).toBeGreaterThanOrEqual(8_000);
  });

  test("plans and the subscription are shown", async () => {
    const user = await register(stack.server.url);
    const plans = await user.call<{ plans: { name: string }[] }>("GET", "/plans");
    expect(plans.body.plans.map((plan) => plan.name)).toEqual(["free", "pro", "enterprise"]);
    const { body } = await user.call<{ plan: string; limits: Limits }>("GET", "/users/me/subscription");
    expect(body).toMatchObject({ plan: "free", status: "active", limits: { max_sessions: 200 } });
  });

  test("ledger and counters agree, and no hold is left", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
