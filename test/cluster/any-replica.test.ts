// Any replica will do: what one gateway has begun is watched, answered and ended through others, whichever of them dies, and a reader of
// events that NATS has lost is told so and gets the run anew. Limits over all of them: limits-over-gateways.test.ts.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { newId } from "../../lib/ids.ts";
import { type AnyEvent, Client, readEvents, register, textOf } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let gateways: TestServer[];
let agent: TestServer;
beforeAll(async () => {
  cluster = await startCluster();
  const all = ["users,quota,sessions,tools,nodes,node", "api", "api", "api", "api", "agent"];
  const started = await Promise.all(all.map((services) => cluster.add(services)));
  gateways = started.slice(1, 5);
  agent = started[5] as TestServer;
  await Promise.all(gateways.map(whenReady));
});
afterEach(async () => {
  cluster.fake.release();
  cluster.fake.script();
  await bringBack();
});
afterAll(() => cluster.stop());

const whenReady = ({ url }: TestServer) =>
  waitFor(
    "the gateway is ready",
    async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
  );

let killed: number | undefined;

/** As a machine that fails. */
async function kill(gateway: number): Promise<void> {
  killed = gateway;
  await gateways[gateway]?.kill("SIGKILL");
}

async function bringBack(): Promise<void> {
  if (killed === undefined) return;
  const back = await (gateways[killed] as TestServer).restart();
  gateways[killed] = back;
  killed = undefined;
  await whenReady(back);
}

type User = { id: string; at: (gateway: number) => Client };

/** Somebody new, at each gateway. */
async function someone(): Promise<User> {
  const { id, token } = await register(gateways[0]?.url ?? "");
  return { id, at: (gateway) => new Client(gateways[gateway]?.url ?? "", token) };
}

const runs = async (client: Client) =>
  (await client.call<{ runs: { id: string; status: string }[] }>("GET", "/agent/runs")).body.runs;
const today = async (client: Client) =>
  (await client.call<{ today: Record<string, number> }>("GET", "/users/me/usage")).body.today;

test("G8 one Idempotency-Key 20 times at once over three gateways: one run, one message, one charge", async () => {
  const user = await someone();
  const headers = { "Idempotency-Key": newId("event") };
  const asked = cluster.fake.requests.length;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      user.at(n % 3).call<{ run_id: string }>("POST", "/agent/chat/sync", { message: "once" }, headers),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(new Set(answers.map(({ body }) => body.run_id)).size).toBe(1);
  expect(cluster.fake.requests.length - asked).toBe(1);
  const { body } = await user
    .at(3)
    .call<{ sessions: { title: string; message_count: number }[] }>("GET", "/sessions");
  expect(body.sessions.filter(({ title }) => title === "once")).toMatchObject([{ message_count: 2 }]);
  expect((await today(user.at(3))).requests).toBe(1);
});

/** The run as its reader has it in the end: where the gateway is cut off, another one is asked for what is still missing. */
async function toItsEnd(reading: Promise<AnyEvent[]>, elsewhere: Client, run: string): Promise<AnyEvent[]> {
  const told = await reading;
  if (told.at(-1)?.event === "done") return told;
  return [...told, ...(await elsewhere.events(run, told.at(-1)?.id))];
}

test.each([
  ["it was begun through", 0],
  ["it is watched through", 1],
  ["it is answered through", 2],
  ["it is cancelled through", 3],
])(
  "G6 a run begun, watched, answered and cancelled through four gateways outlives the one %s: no event is missed or told twice, and nothing is done twice",
  async (_what, victim) => {
    const user = await someone();
    const path = join(cluster.workspace, `${newId("event")}.txt`);
    await writeFile(path, "first, ");
    cluster.fake.script(({ heard: { results } }) =>
      results.length > 0
        ? { text: ["one ", "two"], gateAfter: 1, gate: new Promise(() => undefined) }
        : undefined,
    );
    const message = `call:append_file ${JSON.stringify({ path, content: "once" })}`;
    const heard = new Set<string>();
    const hears = (who: string) => () => !heard.add(who);
    const begun = user.at(0).chat({ message }, { until: hears("who began it") });
    const run = await waitFor("the run is there", async () => (await runs(user.at(1)))[0]?.id);
    const watched = user.at(1).events(run, 0, hears("who watches it"));
    await waitFor("both hear of it", () => heard.size === 2);
    const [asked] = await waitFor("it asks", async () => {
      const { body } = await user
        .at(2)
        .call<{ approvals: { run_id: string; call_id: string }[] }>("GET", "/agent/approvals");
      return body.approvals.length > 0 && body.approvals;
    });
    if (victim < 2) await kill(victim);
    const readers = [toItsEnd(begun, user.at(2), run), toItsEnd(watched, user.at(3), run)];
    const approval = `/agent/runs/${run}/approvals/${asked?.call_id}`;
    const answer = (gateway: number) => user.at(gateway).call("POST", approval, { decision: "approve" });
    expect((await answer(2)).status).toBe(200);
    if (victim === 2) {
      await kill(2);
      // As from somebody whom the answer did not reach.
      expect(await answer(3)).toMatchObject({ status: 409, body: { code: "approval_answered" } });
    }
    await waitFor("the model goes on", async () =>
      (await user.at(3).events(run, 0, ({ event, data }) => event === "content" && data.step === 2)).some(
        ({ data }) => data.text === "one ",
      ),
    );
    const cancel = async (gateway: number) =>
      (await user.at(gateway).call("POST", `/agent/cancel/${run}`)).status;
    expect(await cancel(3)).toBe(202);
    if (victim === 3) {
      await kill(3);
      expect(await cancel(0)).toBe(202);
    }
    const [whole = [], told] = await Promise.all(readers);
    expect(whole.at(-1)).toMatchObject({ event: "done", data: { status: "cancelled" } });
    expect(whole.map(({ id }) => id)).toEqual(whole.map((_, at) => at + 1));
    expect(told).toEqual(whole);
    expect(await readFile(path, "utf8")).toBe("first, once");
  },
);

/**
 * As a machine that has lost its power: NATS comes back without the newest messages of the run.
 * @param meanwhile what happens when they are gone and before NATS is away
 */
async function loseNewest(run: string, count: number, meanwhile?: () => Promise<void>): Promise<void> {
  const nats = await openNats({ url: cluster.servers.nats.url, name: "the test itself" });
  const manager = await jetstreamManager(nats.connection);
  for (let lost = 0; lost < count; lost += 1) {
    const last = await manager.streams.getMessage("RUNS", { last_by_subj: `mj.run.${run}` });
    await manager.streams.deleteMessage("RUNS", last?.seq ?? 0);
  }
  await nats.close();
  await meanwhile?.();
  await cluster.servers.nats.restart();
}

/** What one gateway tells of a run. Asked again by the caller: a question that NATS took with it is answered by nobody. */
async function opened(client: Client, run: string, after: number): Promise<Response | false> {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), PATIENCE_MS);
  try {
    const path = `/agent/runs/${run}/events?after=${after}`;
    const response = await client.open("GET", path, undefined, {}, given.signal);
    if (response.status === 200) return response;
    await response.body?.cancel();
  } catch {
    // The time was over.
  } finally {
    clearTimeout(timer);
  }
  return false;
}

const PATIENCE_MS = 5_000;

/** The run from its first event to its `done`. */
const wholeRun = (client: Client, run: string) =>
  waitFor("it is told to its end", async () => {
    const response = await opened(client, run, 0);
    const events = response ? await readEvents(response) : [];
    return events.at(-1)?.event === "done" && events;
  });

/** A run in the middle of its first answer, with the client of the first gateway reading it live. */
async function talking(user: User) {
  const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
  const pieces = Array.from({ length: 12 }, (_, at) => `piece ${at} `);
  cluster.fake.script([{ text: pieces, delayMs: 30, gateAfter: 10, gate }]);
  const seen: AnyEvent[] = [];
  const response = await user.at(0).open("POST", "/agent/chat", { message: "talk" });
  const live = readEvents(response, (event) => {
    seen.push(event);
    return event.event === "done";
  });
  await waitFor("ten pieces were told", () => textOf(seen).includes("piece 9"));
  return { run: String(seen[0]?.data.run_id), last: seen.at(-1)?.id ?? 0, live, goOn };
}

/** What is behind the last word that everything comes anew. */
const anew = (events: AnyEvent[]) => events.slice(events.findLastIndex(({ id }) => id === 0) + 1);

test("G9 events that NATS lost with the run's owner are told anew to whoever had them: live, and on coming back", async () => {
  const user = await someone();
  const { run, last, live, goOn } = await talking(user);
  const next = await cluster.add("agent");
  // Killed before, it could be followed by the next one before they are lost.
  await loseNewest(run, 3, () => agent.kill("SIGKILL"));
  agent = next;
  const returned = await waitFor("a gateway that reads again", async () => {
    const response = await opened(user.at(1), run, last);
    return response && { events: readEvents(response) };
  });
  goOn();
  const whole = await wholeRun(user.at(2), run);
  expect(whole.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
  for (const told of [await live, await returned.events]) {
    expect(told).toContainEqual({ id: 0, event: "reset", data: { step: 1, reason: "events_lost" } });
    expect(anew(told)).toEqual(whole);
    expect(textOf(told, 1)).toBe(textOf(whole, 1));
  }
  const beyond = await user.at(1).call("GET", `/agent/runs/${run}/events?after=${whole.at(-1)?.id ?? 0}`);
  expect(beyond.status).toBe(204);
});

test("G9 an owner that lives writes again what NATS lost, also when it has nothing else to say", async () => {
  const user = await someone();
  const { run, last, live, goOn } = await talking(user);
  await loseNewest(run, 3);
  await waitFor("it is there again", async () => {
    const response = await opened(user.at(1), run, last - 1);
    return response && (await readEvents(response, () => true))[0]?.id === last;
  });
  goOn();
  const whole = await wholeRun(user.at(2), run);
  expect(anew(await live)).toEqual(whole);
});

test("G4 a done that NATS lost is told again without a start of an agent", async () => {
  const user = await someone();
  const told = await user.at(0).chat({ message: "short" });
  const run = String(told[0]?.data.run_id);
  await loseNewest(run, 1);
  const again = await wholeRun(user.at(1), run);
  expect(again.map(({ id }) => id)).toEqual(again.map((_, at) => at + 1));
  expect(textOf(again)).toBe(textOf(told));
  // The number that nobody was given is a mistake, as it is anywhere.
  const other = await user.at(0).chat({ message: "whole" });
  const path = `/agent/runs/${other[0]?.data.run_id}/events?after=${(other.at(-1)?.id ?? 0) + 1}`;
  expect((await user.at(1).call("GET", path)).status).toBe(422);
});
