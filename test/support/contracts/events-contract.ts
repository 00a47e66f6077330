// What every adapter of the run-events port must do.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { newId } from "../../../lib/ids.ts";
import type { RunEvents } from "../../../lib/ports/events.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import { followRun } from "../follow-run.ts";
import { waitFor } from "../wait-for.ts";

export type OpenEvents = () => Promise<{ ports: Pick<Ports, "events">; close(): Promise<void> }>;

export const content = (text: string, step = 1): RunEvent => ({ event: "content", data: { step, text } });
export const done = (run: RunId): RunEvent => ({
  event: "done",
  data: { run_id: run, status: "completed", finish_reason: "stop", message_id: null },
});

/** All events of a run after `after`, as text. */
export async function replayed(events: RunEvents, run: RunId, after = 0): Promise<string> {
  let text = "";
  for await (const frames of events.replay(run, after)) text += frames.bytes.toString();
  return text;
}

export function eventsContract(adapter: string, openPorts: OpenEvents): void {
  describe(`run events on ${adapter}`, () => {
    let events: RunEvents;
    let opened: Awaited<ReturnType<OpenEvents>>;
    const run = newId<RunId>("run");

    beforeEach(async () => {
      opened = await openPorts();
      events = opened.ports.events;
    });
    afterEach(() => opened.close());

    test("numbers a run's events from 1 without gaps and replays them byte for byte", async () => {
      const writer = await events.open(run, 1);
      const pieces: string[] = [];
      events.subscribe(run, { onFrames: (frames) => void pieces.push(frames.bytes.toString()) });
      for (let i = 0; i < 500; i += 1) {
        writer.append(content(`piece ${i} äöü 😀\n`));
        if (i % 7 === 0) await writer.flush();
      }
      writer.append(done(run));
      await writer.flush();
      const live = await waitFor("the end", () => pieces.join("").includes("event: done") && pieces.join(""));
      const numbers = [...live.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      expect(await replayed(events, run)).toBe(live);
      expect((await events.readAll(run)).map(({ seq }) => seq)).toEqual(numbers);
      expect(await events.state(run)).toMatchObject({ lastSeq: numbers.length, done: true, expired: false });
    });

    test("replays after every number exactly the rest", async () => {
      const writer = await events.open(run, 1);
      for (let i = 0; i < 20; i += 1) writer.append(content(`${i}`, i));
      await writer.flush();
      const whole = await replayed(events, run);
      for (let after = 0; after <= 20; after += 1)
        expect(await replayed(events, run, after)).toBe(
          whole.slice(whole.indexOf(`id: ${after + 1}\n`)).repeat(after < 20 ? 1 : 0),
        );
    });

    test("keeps the texts of two runs apart however they are mixed", async () => {
      const other = newId<RunId>("run");
      const [a, b] = [await events.open(run, 1), await events.open(other, 1)];
      for (let i = 0; i < 100; i += 1) {
        a.append(content("a"));
        b.append(content("b"));
        if (i % 9 === 0) await a.flush();
      }
      await b.flush();
      const texts = async (id: RunId) =>
        (await events.readAll(id))
          .map(({ event }) => (event.event === "content" ? event.data.text : "?"))
          .join("");
      expect(await texts(run)).toBe("a".repeat(100));
      expect(await texts(other)).toBe("b".repeat(100));
    });

    test("shuts out a former owner and goes on behind its last durable event", async () => {
      const former = await events.open(run, 1);
      former.append(content("durable"));
      await former.flush();
      former.append(content("never seen", 2));
      const next = await events.open(run, 2);
      expect(() => former.append(content("late"))).toThrow(expect.objectContaining({ type: "stale_epoch" }));
      await expect(former.flush()).rejects.toMatchObject({ type: "stale_epoch" });
      await expect(events.open(run, 1)).rejects.toMatchObject({ type: "stale_epoch" });
      next.append(content("mine", 3));
      await next.flush();
      expect(await events.readAll(run)).toEqual([
        { seq: 1, epoch: 1, event: content("durable") },
        { seq: 2, epoch: 2, event: content("mine", 3) },
      ]);
    });

    test("sends the first piece without being told to, and the gathered ones soon after", async () => {
      const writer = await events.open(run, 1);
      const pieces: string[] = [];
      events.subscribe(run, { onFrames: (frames) => void pieces.push(frames.bytes.toString()) });
      writer.append(content("first"));
      await waitFor("the first piece", () => pieces.join("").includes("first"));
      writer.append(content("second"));
      writer.append(content("third"));
      await waitFor("the gathered pieces", () => pieces.join("").includes("third"));
      expect(pieces.join("")).toContain("secondthird");
    });

    test("tells nothing to a reader that has left", async () => {
      const writer = await events.open(run, 1);
      const told: unknown[] = [];
      const subscription = events.subscribe(run, { onFrames: (frames) => void told.push(frames) });
      subscription.close();
      writer.append(content("x"));
      await writer.flush();
      expect(told).toEqual([]);
    });

    test("a reader that comes in the middle joins what was and what comes, without gap and repeat", async () => {
      const writer = await events.open(run, 1);
      const followers: ReturnType<typeof followRun>[] = [];
      for (let i = 0; i < 200; i += 1) {
        if (i % 20 === 0) followers.push(followRun(events, run, i === 0 ? 0 : writer.lastSeq - 1));
        writer.append(content(`${i} `, i % 3));
        if (i % 2 === 0) await writer.flush();
      }
      writer.append(done(run));
      await writer.flush();
      await Promise.all(followers.map(({ ended }) => ended));
      for (const { text, after } of followers) expect(text()).toBe(await replayed(events, run, after));
    });

    test("the next owner of a run that has events reads all of them, and goes on behind", async () => {
      for (let epoch = 1; epoch <= 4; epoch += 1) {
        const writer = await events.open(run, epoch);
        expect(writer.lastSeq).toBe(epoch - 1);
        expect((await events.readAll(run)).map((one) => one.epoch)).toEqual(
          Array.from({ length: epoch - 1 }, (_, at) => at + 1),
        );
        writer.append(content(`of ${epoch}`, epoch));
        await writer.flush();
      }
      expect(await events.state(run)).toMatchObject({ lastSeq: 4, done: false });
    });

    test("a new run's first owner need not look, and is shut out by whoever has claimed the run all the same", async () => {
      const first = await events.open(run, 1, { isNew: true });
      first.append(content("first"));
      await first.flush();
      const next = await events.open(run, 2);
      next.append(content("second", 2));
      await next.flush();
      const texts = (await events.readAll(run)).map(({ seq, epoch, event }) => [seq, epoch, event]);
      expect(texts).toEqual([
        [1, 1, content("first")],
        [2, 2, content("second", 2)],
      ]);
    });

    test("an owner may open its run twice: both writers go on behind each other", async () => {
      const one = await events.open(run, 2);
      one.append(content("one", 1));
      const two = await events.open(run, 2);
      two.append(content("two", 2));
      one.append(content("three", 3));
      await two.flush();
      expect((await events.readAll(run)).map(({ seq, event }) => [seq, event])).toEqual([
        [1, content("one", 1)],
        [2, content("two", 2)],
        [3, content("three", 3)],
      ]);
    });

    test("names the runs that have events and no end", async () => {
      const [ended, opened] = [newId<RunId>("run"), newId<RunId>("run")];
      for (const id of [run, ended]) (await events.open(id, 1)).append(content("x"));
      await events.open(opened, 2);
      const writer = await events.open(ended, 1);
      writer.append(done(ended));
      await writer.flush();
      await (await events.open(run, 1)).flush();
      writer.close();
      expect(await events.unended()).toEqual([run]);
      // Also when somebody takes the ended one up again.
      await events.open(ended, 2);
      expect(await events.unended()).toEqual([run]);
      expect(await events.state(ended)).toMatchObject({ lastSeq: 2, done: true, expired: false });
    });

    test("a text that is far longer than a piece arrives whole", async () => {
      const writer = await events.open(run, 1);
      const text = "ab😀".repeat(30_000);
      writer.append(content(text));
      writer.append(content(text, 2));
      await writer.flush();
      const told = new Map<number, string>();
      for (const { event } of await events.readAll(run))
        if (event.event === "content")
          told.set(event.data.step, (told.get(event.data.step) ?? "") + event.data.text);
      expect([...told.values()]).toEqual([text, text]);
    });

    test("of a run that nobody has written of there is nothing", async () => {
      expect(await events.state(run)).toMatchObject({ lastSeq: 0, done: false, expired: false });
      expect(await replayed(events, run)).toBe("");
      expect(await events.readAll(run)).toEqual([]);
      expect(await events.unended()).toEqual([]);
      await events.ready();
    });
  });
}
