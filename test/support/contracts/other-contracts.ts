// What every adapter of the small ports must do: rate windows, the cache, signals.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { waitFor } from "../wait-for.ts";
import type { OpenPorts } from "./documents-contract.ts";

export function otherContracts(adapter: string, openPorts: OpenPorts): void {
  describe(`counters, cache and signals on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts>>;
    beforeEach(async () => {
      opened = await openPorts();
    });
    afterEach(() => opened.close());

    test("a window gives out what it has and no more", async () => {
      const { counters } = opened.ports;
      const taken = await Promise.all(Array.from({ length: 10 }, () => counters.take("k", 3, 3_600_000)));
      expect(taken.filter((one) => one.ok)).toHaveLength(3);
      expect(await counters.peek("k", 3_600_000)).toBe(3);
      await counters.giveBack("k", 3_600_000);
      expect(await counters.take("k", 3, 3_600_000)).toMatchObject({ ok: true, remaining: 0 });
      await counters.reset("k");
      expect(await counters.take("k", 3, 3_600_000)).toMatchObject({ ok: true, remaining: 2 });
    });

    test("the cache gives back what it was given until it is removed", async () => {
      const { cache } = opened.ports;
      expect(await cache.get("k")).toBeUndefined();
      await cache.set("k", { a: 1 }, 60_000);
      expect(await cache.get("k")).toEqual({ a: 1 });
      await cache.remove("k");
      expect(await cache.get("k")).toBeUndefined();
    });

    test("a signal reaches those who listen to its subject, once the listening is ready", async () => {
      const { signals } = opened.ports;
      const [heard, also]: unknown[][] = [[], []];
      const quiet = signals.subscribe("a", (data) => heard?.push(data));
      const other = signals.subscribe("a", (data) => also?.push(data));
      await Promise.all([quiet.ready, other.ready]);
      signals.publish("a", { n: 1 });
      signals.publish("b", { n: 2 });
      await waitFor("the first signal", () => heard?.length === 1 && also?.length === 1);
      quiet();
      signals.publish("a", { n: 3 });
      await waitFor("the other listener", () => also?.length === 2);
      expect([heard, also]).toEqual([[{ n: 1 }], [{ n: 1 }, { n: 3 }]]);
      other();
    });

    test("what nobody listened to is lost: whoever comes later hears only what is new", async () => {
      const { signals } = opened.ports;
      signals.publish("a", "before");
      const heard: unknown[] = [];
      const quiet = signals.subscribe("a", (data) => heard.push(data));
      await quiet.ready;
      signals.publish("a", "now");
      await waitFor("the signal", () => heard.length > 0);
      quiet();
      quiet();
      signals.publish("a", "after");
      const again = signals.subscribe("a", (data) => heard.push(data));
      await again.ready;
      signals.publish("a", "again");
      await waitFor("the next signal", () => heard.length > 1);
      expect(heard).toEqual(["now", "again"]);
      again();
    });

    test("the same function may listen twice, and stops as often as it is told to", async () => {
      const { signals } = opened.ports;
      const heard: unknown[] = [];
      const listener = (data: unknown) => void heard.push(data);
      const [one, two] = [signals.subscribe("a", listener), signals.subscribe("a", listener)];
      await Promise.all([one.ready, two.ready]);
      signals.publish("a", 1);
      await waitFor("both", () => heard.length === 2);
      one();
      signals.publish("a", 2);
      await waitFor("the one that is left", () => heard.length === 3);
      two();
    });

    test("signals to one subject are heard in the order in which they were sent", async () => {
      const { signals } = opened.ports;
      const heard: unknown[] = [];
      const quiet = signals.subscribe("a", (data) => heard.push(data));
      await quiet.ready;
      const sent = Array.from({ length: 100 }, (_, n) => n);
      for (const n of sent) signals.publish("a", n);
      await waitFor("all of them", () => heard.length === sent.length);
      expect(heard).toEqual(sent);
      quiet();
    });
  });
}
