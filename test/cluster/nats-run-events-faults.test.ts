// Run events while NATS is killed, frozen, cut off and loses what it has acknowledged: numbers without gaps, no repeats, and a replay
// that gives the bytes that live readers got.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type Msg, type NatsConnectionImpl, nanos } from "nats";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import type { RunId } from "../../contracts/ids.ts";
import { type JetStreamEvents, openRunEvents } from "../../lib/cluster/nats/events/open-run-events.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { newId } from "../../lib/ids.ts";
import { content, done, replayed } from "../support/contracts/events-contract.ts";
import { type FollowedRun, followRun } from "../support/follow-run.ts";
import { waitFor } from "../support/wait-for.ts";

let server: LocalServer;
let streams = 0;
let name: { stream: string; prefix: string };
let opened: { nats: Nats; events: JetStreamEvents }[] = [];
let run: RunId;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());
beforeEach(() => {
  streams += 1;
  name = { stream: `RUNS_${streams}`, prefix: `t${streams}` };
  run = newId<RunId>("run");
});
afterEach(async () => {
  server.resume();
  await Promise.all(opened.map(({ events, nats }) => events.close().then(() => nats.close())));
  opened = [];
});

/** As another process would open it. */
async function open(patienceMs = 30_000) {
  const nats = await openNats({ url: server.url, name: "a test" });
  const events = await openRunEvents(nats, { ...name, patienceMs });
  opened.push({ nats, events });
  return { nats, events };
}

async function manage<T>(work: (manager: JetStreamManager) => Promise<T>): Promise<T> {
  const nats = await openNats({ url: server.url, name: "the test itself" });
  return work(await jetstreamManager(nats.connection)).finally(() => nats.close());
}

/** What every reader of the run must have had. */
async function expectWhole(events: JetStreamEvents, id: RunId, followers: FollowedRun[]): Promise<void> {
  await Promise.all(followers.map(({ ended }) => ended));
  const whole = await replayed(events, id);
  const numbers = [...whole.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  for (const follower of followers) expect(follower.text()).toBe(whole);
}

/** The texts of all its events, joined. */
const textOf = async (events: JetStreamEvents, id: RunId) =>
  (await events.readAll(id)).map(({ event }) => (event.event === "content" ? event.data.text : "")).join("");

type Fault = { what: string; strike(): Promise<void> | void; end(nats: Nats): Promise<void> | void };
const faults: Fault[] = [
  { what: "killed and started again", strike: () => server.kill(), end: () => server.restart() },
  { what: "restarted in order", strike: () => server.restart(), end: () => undefined },
  {
    what: "frozen for a moment",
    strike: () => server.pause(),
    end: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      server.resume();
    },
  },
  {
    what: "frozen until it is given up",
    strike: () => server.pause(),
    end: async (nats) => {
      await waitFor("it is known to be away", () => !nats.isThere);
      server.resume();
    },
  },
];

describe.each(faults)("NATS is $what in the middle of runs", ({ strike, end }) => {
  test("50 runs with readers in another process come to their end, whole and once", async () => {
    const [{ events: here, nats }, { events: there }] = [await open(), await open()];
    const runs = Array.from({ length: 50 }, () => newId<RunId>("run"));
    const followers = runs.map((id) => followRun(there, id));
    await Promise.all(followers.map(({ live }) => live));
    let written = 0;
    const working = runs.map(async (id) => {
      const writer = await here.open(id, 1);
      for (let i = 0; i < 40; i += 1) {
        writer.append(content(`${i},`, i % 4));
        written += 1;
        if (i % 3 === 0) await writer.flush();
      }
      writer.append(done(id));
      await writer.flush();
      writer.close();
    });
    await waitFor("half is written", () => written > runs.length * 15);
    await strike();
    await end(nats);
    await Promise.all(working);
    const all = Array.from({ length: 40 }, (_, i) => `${i},`).join("");
    for (const [at, id] of runs.entries()) {
      await expectWhole(here, id, followers.slice(at, at + 1));
      expect(await textOf(there, id)).toBe(all);
    }
  });
});

test("200 runs at once, each with a reader in another process", async () => {
  const [{ events: here }, { events: there }] = [await open(), await open()];
  const runs = Array.from({ length: 200 }, () => newId<RunId>("run"));
  const followers = runs.map((id) => followRun(there, id));
  await Promise.all(
    runs.map(async (id) => {
      const writer = await here.open(id, 1);
      for (let i = 0; i < 20; i += 1) {
        writer.append(content(`${i},`, i));
        if (i % 5 === 0) await writer.flush();
      }
      writer.append(done(id));
      await writer.flush();
    }),
  );
  for (const [at, id] of runs.entries()) await expectWhole(there, id, followers.slice(at, at + 1));
});

test("while NATS is away a flush says so in bounded time, nothing begins, and what waited is written when it is back", async () => {
  // What is written before has to be there in this time, too.
  const { events, nats } = await open(10_000);
  const writer = await events.open(run, 1);
  const follower = followRun(events, run);
  writer.append(content("before ", 1));
  await writer.flush();
  // Whose replay is cut off is sent away, and resumes.
  await follower.live;
  await server.kill();
  await waitFor("it is known to be away", () => !nats.isThere);
  await expect(events.ready()).rejects.toMatchObject({ type: "store_unavailable" });
  await expect(events.open(newId<RunId>("run"), 1)).rejects.toMatchObject({ type: "store_unavailable" });
  await expect(events.state(run)).rejects.toMatchObject({ type: "store_unavailable" });
  await expect(replayed(events, run)).rejects.toMatchObject({ type: "store_unavailable" });
  writer.append(content("meanwhile ", 2));
  writer.append(done(run));
  await expect(writer.flush()).rejects.toMatchObject({ type: "store_unavailable" });
  await server.restart();
  await expectWhole(events, run, [follower]);
  expect(await textOf(events, run)).toBe("before meanwhile ");
  await events.ready();
});

test("frozen, it makes every question end in bounded time", async () => {
  const { events } = await open(1_000);
  const writer = await events.open(run, 1);
  await server.pause();
  writer.append(content("x"));
  const questions = [
    writer.flush(),
    events.ready(),
    events.state(run),
    events.unended(),
    events.readAll(run),
    replayed(events, run),
    events.open(newId<RunId>("run"), 2),
  ];
  const ends = await Promise.allSettled(questions);
  expect(ends.map((end) => (end.status === "rejected" ? end.reason.type : "answered"))).toEqual(
    questions.map(() => "store_unavailable"),
  );
  server.resume();
});

/** The reader's connection drops what comes on the live subject from now on, as a server does to one that is too slow. */
function deafen(nats: Nats): void {
  for (const subscription of (nats.connection as NatsConnectionImpl).protocol.subscriptions.all())
    if (subscription.subject.includes(".live.")) subscription.callback = () => undefined;
}

test("G9 a reader that has lost the last events, on a connection that stands, gets them all the same", async () => {
  const [{ events: here }, { events: there, nats }] = [await open(), await open()];
  const follower = followRun(there, run);
  const writer = await here.open(run, 1);
  writer.append(content("heard", 1));
  await writer.flush();
  await waitFor("the first", () => follower.text().includes("heard"));
  deafen(nats);
  writer.append(content("lost", 2));
  await writer.flush();
  writer.append(done(run));
  await writer.flush();
  await expectWhole(there, run, [follower]);
});

test("G9 a reader that has lost the last events before another owner took the run gets them all the same", async () => {
  const [{ events: here }, { events: there, nats }] = [await open(), await open()];
  const follower = followRun(there, run);
  const writer = await here.open(run, 1);
  await there.state(run);
  deafen(nats);
  for (let i = 0; i < 3; i += 1) {
    writer.append(content(`${i}`, i));
    await writer.flush();
  }
  await here.open(run, 2);
  await waitFor("what was lost", () => follower.text().includes("id: 3\n"));
  follower.close();
});

test("a message whose answer is lost for longer than ids are remembered is not written twice", async () => {
  const { events, nats } = await open();
  await manage(async ({ streams: all }) => {
    const { config } = await all.info(name.stream);
    await all.update(name.stream, { ...config, duplicate_window: nanos(100) });
  });
  const writer = await events.open(run, 1);
  writer.append(content("once", 1));
  const { protocol } = nats.connection as NatsConnectionImpl;
  // The library has one for its own requests, made before.
  const inbox = protocol.subscriptions
    .all()
    .filter(({ subject }) => /^_INBOX\.\w+\.\*$/.test(subject))
    .at(-1);
  const hear = inbox?.callback.bind(inbox);
  let dropped = 0;
  if (inbox)
    inbox.callback = (error: Error | null, message: Msg) => {
      dropped += 1;
      if (dropped > 1) hear?.(error, message);
    };
  await writer.flush();
  expect(dropped).toBeGreaterThan(1);
  writer.append(done(run));
  await writer.flush();
  expect((await events.readAll(run)).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(await textOf(events, run)).toBe("once");
});

/** As a machine that has lost its power has lost what was not synced: the newest messages of the run, and their ids. */
async function loseNewest(count: number): Promise<void> {
  await manage(async (manager) => {
    for (let i = 0; i < count; i += 1) {
      const last = await manager.streams.getMessage(name.stream, {
        last_by_subj: `${name.prefix}.run.${run}`,
      });
      if (last) await manager.streams.deleteMessage(name.stream, last.seq);
    }
  });
  await server.restart();
}

async function writeTen(events: JetStreamEvents) {
  const writer = await events.open(run, 1);
  for (let i = 1; i <= 10; i += 1) {
    writer.append(content(`${i},`, i));
    await writer.flush();
  }
  return writer;
}

test("what NATS lost although it had acknowledged it is written again by an owner that lives", async () => {
  const [{ events: here }, { events: there }] = [await open(), await open()];
  const follower = followRun(there, run);
  const writer = await writeTen(here);
  await waitFor("all were read", () => follower.text().includes("id: 10\n"));
  await loseNewest(4);
  writer.append(content("11,", 11));
  writer.append(done(run));
  await writer.flush();
  await expectWhole(there, run, [follower]);
  expect(await textOf(there, run)).toBe("1,2,3,4,5,6,7,8,9,10,11,");
});

test("the stream itself is made again where it is gone, with what its owner still knows", async () => {
  const [{ events: here }, { events: there }] = [await open(), await open()];
  const follower = followRun(there, run);
  const writer = await writeTen(here);
  await waitFor("all were read", () => follower.text().includes("id: 10\n"));
  await manage((manager) => manager.streams.delete(name.stream));
  await server.restart();
  writer.append(done(run));
  await writer.flush();
  await expectWhole(there, run, [follower]);
});

test("a reader ahead of what NATS still has is told so, and does not hang", async () => {
  const [{ events: here }, { events: there }] = [await open(), await open()];
  const followers = [followRun(there, run), followRun(here, run)];
  const writer = await writeTen(here);
  await waitFor("all were read", () => followers.every(({ text }) => text().includes("id: 10\n")));
  // Its owner dies with NATS, or it would write them again: another takes over and gives numbers again that were told.
  writer.close();
  await loseNewest(4);
  await waitFor("NATS is back", () => opened.every(({ nats }) => nats.isThere));
  const next = await there.open(run, 2);
  expect(next.lastSeq).toBe(6);
  next.append(content("seven anew", 7));
  await next.flush();
  for (const { ended } of followers) await expect(ended).rejects.toThrow("events were lost");
  await expect(replayed(there, run, 10)).rejects.toMatchObject({ type: "store_damaged" });
  expect(await replayed(there, run, 6)).toContain("seven anew");
});

test("a reader is told that events are lost also when nobody writes any more", async () => {
  const { events } = await open();
  const follower = followRun(events, run);
  const writer = await writeTen(events);
  await waitFor("all were read", () => follower.text().includes("id: 10\n"));
  writer.close();
  await loseNewest(1);
  await expect(follower.ended).rejects.toThrow("events were lost");
});
