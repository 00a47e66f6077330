// Run events on a real NATS with JetStream: the port's contract, owners that shut each other out, what NATS does not take.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnectionImpl } from "nats";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import type { RunId } from "../../contracts/ids.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import {
  type JetStreamEvents,
  openRunEvents,
  type RunEventsOptions,
} from "../../lib/cluster/nats/events/open-run-events.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { newId } from "../../lib/ids.ts";
import { content, done, eventsContract, replayed } from "../support/contracts/events-contract.ts";
import { followRun } from "../support/follow-run.ts";
import { waitFor } from "../support/wait-for.ts";

let streams = 0;
/** A stream of its own, as a name that all processes of a test share. */
const newStream = () => {
  streams += 1;
  return { stream: `RUNS_${streams}`, prefix: `t${streams}` };
};

describe.each(["newest", "2.10"] as const)("nats-server, %s", (generation) => {
  let server: LocalServer;
  let opened: { nats: Nats; events: JetStreamEvents }[] = [];
  beforeAll(async () => {
    server = await startNats({ generation });
    process.stderr.write(`tested on NATS ${server.version}\n`);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(opened.map(({ events, nats }) => events.close().then(() => nats.close())));
    opened = [];
  });

  /** As another process would open it: over a connection of its own. */
  async function open(options: RunEventsOptions) {
    const nats = await openNats({ url: server.url, name: "a test" });
    const events = await openRunEvents(nats, options);
    opened.push({ nats, events });
    return { nats, events };
  }

  eventsContract(`JetStream, ${generation}`, async () => {
    const { nats, events } = await open(newStream());
    return {
      ports: { events },
      async close() {
        await events.close();
        await nats.close();
      },
    };
  });

  test("several processes make the stream at once, and one brings an older one up to date", async () => {
    const name = newStream();
    const processes = await Promise.all(Array.from({ length: 5 }, () => open(name)));
    await Promise.all(processes.map(({ events }) => events.ready()));
    const { nats } = await open({ ...name, maxBytes: 1_000_000 });
    const info = await (await jetstreamManager(nats.connection)).streams.info(name.stream);
    expect(info.config).toMatchObject({ max_bytes: 1_000_000, discard: "new", allow_direct: true });
  });

  test("the next owner in another process shuts the former one out, whatever that still writes: no reader sees it", async () => {
    const name = newStream();
    const [{ events: here }, { events: there }, { events: reader }] = [
      await open(name),
      await open(name),
      await open(name),
    ];
    const run = newId<RunId>("run");
    const follower = followRun(reader, run);
    const former = await here.open(run, 1);
    former.append(content("former ", 1));
    await former.flush();
    const next = await there.open(run, 2);
    expect(next.lastSeq).toBe(1);
    // It does not know yet.
    former.append(content("late", 2));
    await expect(former.flush()).rejects.toMatchObject({ type: "stale_epoch" });
    expect(() => former.append(content("later", 3))).toThrow(
      expect.objectContaining({ type: "stale_epoch" }),
    );
    await expect(former.flush()).rejects.toMatchObject({ type: "stale_epoch" });
    await expect(here.open(run, 1)).rejects.toMatchObject({ type: "stale_epoch" });
    next.append(content("next", 2));
    next.append(done(run));
    await next.flush();
    await follower.ended;
    expect(follower.text()).toBe(await replayed(reader, run));
    expect(follower.text()).not.toContain("late");
    expect((await here.readAll(run)).map(({ seq, epoch }) => [seq, epoch])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
  });

  test.each([
    ["nothing", 0],
    ["an event", 1],
  ])(
    "a first owner that does not look is shut out by who has claimed the run and written %s",
    async (_what, count) => {
      const name = newStream();
      const [{ events: here }, { events: there }] = [await open(name), await open(name)];
      const run = newId<RunId>("run");
      const next = await there.open(run, 2);
      for (let i = 0; i < count; i += 1) next.append(content("next", i));
      await next.flush();
      const first = await here.open(run, 1, { isNew: true });
      first.append(content("first"));
      await expect(first.flush()).rejects.toMatchObject({ type: "stale_epoch" });
      expect((await there.readAll(run)).map(({ epoch }) => epoch)).toEqual(Array(count).fill(2));
    },
  );

  test("two owners that write against each other leave one order, and the later one wins", async () => {
    const name = newStream();
    const [{ events: here }, { events: there }] = [await open(name), await open(name)];
    const run = newId<RunId>("run");
    const former = await here.open(run, 1);
    const follower = followRun(there, run);
    let isShutOut = false;
    const writing = (async () => {
      for (let i = 0; ; i += 1) {
        former.append(content("a", i));
        await former.flush();
        // As often as a model that is fast.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })().catch((thrown: { type: string }) => {
      isShutOut = thrown.type === "stale_epoch";
    });
    await waitFor("the former has written", async () => (await there.state(run)).lastSeq > 20);
    const next = await there.open(run, 2);
    const begun = next.lastSeq;
    for (let i = 0; i < 50; i += 1) {
      next.append(content("b", i));
      await next.flush();
    }
    await writing;
    expect(isShutOut).toBe(true);
    next.append(done(run));
    await next.flush();
    await follower.ended;
    const events = await there.readAll(run);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events.findIndex(({ epoch }) => epoch === 2)).toBe(begun);
    expect(follower.text()).toBe(await replayed(there, run));
  });

  test("an event that NATS does not take is refused in words at append, and the run goes on; one that it just takes passes", async () => {
    const { events, nats } = await open(newStream());
    const run = newId<RunId>("run");
    const writer = await events.open(run, 1);
    const result = (size: number): RunEvent =>
      ({
        event: "tool_result",
        data: { step: 1, name: "x", result: "x".repeat(size) },
      }) as unknown as RunEvent;
    expect(() => writer.append(result(nats.maxPayload))).toThrow(
      expect.objectContaining({
        type: "body_too_large",
        message: expect.stringMatching(/tool_result.*8388608 at most/),
      }),
    );
    const follower = followRun(events, run);
    writer.append(result(nats.maxPayload - 5_000));
    writer.append(result(nats.maxPayload / 2));
    writer.append(result(10));
    writer.append(done(run));
    await writer.flush();
    await follower.ended;
    expect(follower.text()).toBe(await replayed(events, run));
    expect(await events.state(run)).toMatchObject({ lastSeq: 4, done: true });
  });

  test("events of ended runs are removed an hour after the end, others stay", async () => {
    let now = Date.now();
    const { events } = await open({ ...newStream(), clock: () => now });
    const [ended, open_] = [newId<RunId>("run"), newId<RunId>("run")];
    for (const id of [ended, open_]) {
      const writer = await events.open(id, 1);
      writer.append(content("x"));
      if (id === ended) writer.append(done(id));
      await writer.flush();
    }
    now += 3_599_000;
    await events.expire();
    expect(await events.state(ended)).toMatchObject({ lastSeq: 2, done: true, expired: false });
    now += 60_000;
    expect(await events.state(ended)).toMatchObject({ expired: true });
    await events.expire();
    expect(await events.state(ended)).toMatchObject({ lastSeq: 0, done: false, expired: false });
    expect(await events.state(open_)).toMatchObject({ lastSeq: 1 });
    expect(await events.unended()).toEqual([open_]);
    // Told once more it begins anew.
    const again = await events.open(ended, 2);
    again.append(content("new"));
    await again.flush();
    expect(await replayed(events, ended)).toContain("id: 1\n");
  });

  test("a full stream refuses what is new and keeps what is there", async () => {
    const { events } = await open({ ...newStream(), maxBytes: 100_000, patienceMs: 10_000 });
    const run = newId<RunId>("run");
    const writer = await events.open(run, 1);
    await events.ready();
    await expect(
      (async () => {
        for (let i = 0; i < 100; i += 1) {
          writer.append(content("x".repeat(5_000), i));
          await writer.flush();
        }
      })(),
    ).rejects.toMatchObject({
      type: "store_unavailable",
      data: { retryAfterMs: 5_000 },
      message: expect.stringMatching(/maximum bytes/),
    });
    expect(await replayed(events, run)).toContain("id: 1\n");
    expect(() => {
      for (let i = 0; i < 3_000; i += 1) writer.append(content("x", i));
    }).toThrow(expect.objectContaining({ type: "store_unavailable" }));
  });

  test("nothing is left behind: no subscription, no consumer", async () => {
    const name = newStream();
    const { events, nats } = await open(name);
    const subscriptions = () => (nats.connection as NatsConnectionImpl).protocol.subscriptions.size();
    await events.ready();
    await events.unended();
    const before = subscriptions();
    const run = newId<RunId>("run");
    const writer = await events.open(run, 1);
    for (let i = 0; i < 600; i += 1) writer.append(content("x", i));
    writer.append(done(run));
    await writer.flush();
    for (let i = 0; i < 20; i += 1) {
      const follower = followRun(events, run, i);
      await follower.ended;
      await events.unended();
    }
    expect(subscriptions()).toBe(before);
    const manager = await jetstreamManager(nats.connection);
    expect((await manager.streams.info(name.stream)).state.consumer_count).toBe(0);
    await events.close();
    await events.close();
    expect(await nats.check()).toBeUndefined();
  });

  test("without JetStream it is said in words", async () => {
    const plain = await startNats({
      generation,
      config: "accounts { A { users: [{ user: a, password: a }] } }\nno_auth_user: a",
    });
    const nats = await openNats({ url: plain.url, name: "a test" });
    await expect(openRunEvents(nats)).rejects.toThrow(/NATS runs without JetStream/);
    await nats.close();
    await plain.stop();
  });

  test("more copies than there are servers, and subjects of another stream, are refused in words", async () => {
    const name = newStream();
    await expect(open({ ...name, replicas: 3 })).rejects.toThrow(/cannot be made: NATS says "replicas/);
    await open(name);
    await expect(open({ ...name, stream: "OTHER" })).rejects.toThrow(
      /stream other than OTHER with the same subjects/,
    );
  });
});
