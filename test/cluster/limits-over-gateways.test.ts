// Limits hold over all gateways, and over all processes that count behind them: who spreads what they ask gets no more of it.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let core: TestServer;
let gateways: TestServer[];
let processes: TestServer[];
beforeAll(async () => {
  cluster = await startCluster();
  // Two that count runs, sessions and wrong passwords: what one knew by itself would not be enough.
  const all = ["users,quota,sessions,tools,nodes,node", "users,quota,sessions", "agent", "api", "api", "api"];
  processes = await Promise.all(all.map((services) => cluster.add(services)));
  core = processes[0] as TestServer;
  gateways = processes.slice(3);
  await Promise.all(gateways.map(whenReady));
});
afterAll(() => cluster.stop());

const whenReady = ({ url }: TestServer) =>
  waitFor(
    "the gateway is ready",
    async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
  );

type Someone = Awaited<ReturnType<typeof register>> & { at(gateway: number): Client };

async function someone(): Promise<Someone> {
  const user = await register(gateways[0]?.url ?? "");
  return Object.assign(user, { at: (n: number) => new Client(gateways[n]?.url ?? "", user.token) });
}

const minuteNow = () => Math.floor(Date.now() / 60_000);

/** Each time that a process says that it counts alone, without Redis, or that it counts with the others again. */
const wordsOfRedis = ({ output }: TestServer) =>
  output().match(/Redis at [^\n]*(Until that has ended|again\.)/g) ?? [];
const countsAlone = (process: TestServer) => /Until that has ended/.test(wordsOfRedis(process).at(-1) ?? "");
const changes = () => processes.reduce((sum, process) => sum + wordsOfRedis(process).length, 0);

/**
 * What somebody new is answered within one minute of the clock, in which the windows count: anew where the next one began meanwhile, and
 * where a process took Redis for away, as it may on a machine that stands still for a moment.
 */
async function withinAMinute<T>(ask: (user: Someone) => Promise<T>): Promise<{ user: Someone; answers: T }> {
  for (;;) {
    const user = await someone();
    await waitFor("all count together", () => !processes.some(countsAlone));
    const [minute, before] = [minuteNow(), changes()];
    const answers = await ask(user);
    if (minuteNow() === minute && changes() === before) return { user, answers };
  }
}

async function limitTo({ id }: Someone, limits: object): Promise<void> {
  const admin = new Client(gateways[0]?.url ?? "", await core.ownerKey());
  expect((await admin.call("PATCH", `/admin/users/${id}`, { limits })).status).toBe(200);
}

/** Through the three gateways in turn. */
const chatAtOnce = (user: Someone, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      user.at(n % 3).call<{ code?: string }>("POST", "/agent/chat/sync", { message: `chat ${n}` }),
    ),
  );

/** Status and code of each, counted. */
function tally(answers: { status: number; body: { code?: string } }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const what = [status, body.code].filter(Boolean).join(" ");
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

const today = async (client: Client) =>
  (await client.call<{ today: Record<string, number> }>("GET", "/users/me/usage")).body.today;
const runs = async (client: Client) =>
  (await client.call<{ runs: unknown[] }>("GET", "/agent/runs")).body.runs;
const sessions = async (client: Client) =>
  (await client.call<{ sessions: unknown[] }>("GET", "/sessions")).body.sessions;

test("G7 of 50 chats at once over three gateways with quota for 3, exactly 3 are admitted and charged", async () => {
  const user = await someone();
  await limitTo(user, { runs_per_day: 3, runs_per_minute: null, concurrent_runs: null });
  expect(tally(await chatAtOnce(user, 50))).toEqual({ "200": 3, "429 quota_exceeded": 47 });
  expect(await today(user.at(2))).toMatchObject({ requests: 3, limit: 3, remaining: 0 });
  expect(await runs(user.at(2))).toHaveLength(3);
});

test("of 20 chats at once over three gateways with 3 runs a minute, exactly 3 are admitted and the rest told when to come again", async () => {
  const { user, answers } = await withinAMinute(async (one) => {
    await limitTo(one, { runs_per_minute: 3, concurrent_runs: null });
    return chatAtOnce(one, 20);
  });
  expect(tally(answers)).toEqual({ "200": 3, "429 rate_limited": 17 });
  for (const { status, headers } of answers)
    if (status === 429) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await runs(user.at(2))).toHaveLength(3);
});

test("of 40 new sessions at once, by hand and by chats, as many are made as the plan allows", async () => {
  const user = await someone();
  const before = (await sessions(user.at(0))).length;
  await limitTo(user, { max_sessions: before + 3, runs_per_minute: null, concurrent_runs: null });
  const byHand = Array.from({ length: 20 }, (_, n) =>
    user.at(n % 3).call<{ code?: string }>("POST", "/sessions", {}),
  );
  const answers = await Promise.all([...byHand, chatAtOnce(user, 20)]);
  const counts = tally(answers.flat());
  expect((counts["200"] ?? 0) + (counts["201"] ?? 0)).toBe(3);
  expect(counts["409 session_limit"]).toBe(37);
  expect(await sessions(user.at(1))).toHaveLength(before + 3);
  expect(await today(user.at(2))).toMatchObject({ requests: counts["200"] ?? 0 });
});

test("chats refused for want of a session are no runs of the minute, whichever process takes them back", async () => {
  const { user, answers } = await withinAMinute(async (one) => {
    const made = await one.at(0).call<{ session: { id: string } }>("POST", "/sessions", {});
    const max_sessions = (await sessions(one.at(0))).length;
    await limitTo(one, { max_sessions, runs_per_minute: 3, concurrent_runs: null });
    const chat = (n: number, session_id?: string) =>
      one.at(n % 3).call<{ code?: string }>("POST", "/agent/chat/sync", { message: `chat ${n}`, session_id });
    const all: Awaited<ReturnType<typeof chat>>[] = [];
    // One after the other, because at once they would be more than a minute has. The two processes take turns with what is asked of
    // them: those behind the one that is let in are taken back by another than admitted them, or else those before it.
    for (let n = 0; n < 12; n += 1) all.push(await chat(n, n % 6 === 5 ? made.body.session.id : undefined));
    return all;
  });
  expect(tally(answers)).toEqual({ "200": 2, "409 session_limit": 10 });
  expect(await runs(user.at(2))).toHaveLength(2);
});

test("wrong passwords for one account are counted over two gateways together; beyond five a minute not even the right one is looked at", async () => {
  const { answers } = await withinAMinute(async ({ email, password, at }) => {
    const login = (gateway: number, guess: string) =>
      at(gateway).call<{ code?: string }>("POST", "/users/login", { email, password: guess });
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, n) => login(n % 2, `guess number ${n}`)),
    );
    return { guesses, right: [await login(0, password), await login(1, password)] };
  });
  expect(tally(answers.guesses)).toEqual({ "401 invalid_credentials": 5, "429 too_many_attempts": 7 });
  expect(tally(answers.right)).toEqual({ "429 too_many_attempts": 2 });
});
