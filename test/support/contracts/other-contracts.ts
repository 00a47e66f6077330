// What every adapter of the small ports must do: rate windows, the cache, waiting work, signals.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { WorkItem } from "../../../lib/ports/work.ts";
import { waitFor } from "../wait-for.ts";
import type { OpenPorts } from "./documents-contract.ts";

export function otherContracts(adapter: string, openPorts: OpenPorts): void {
  describe(`work and signals on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts>>;
    beforeEach(async () => {
      opened = await openPorts();
    });
    afterEach(() => opened.close());

    test("work is done once it succeeds, and the same key waits once", async () => {
      const { work } = opened.ports;
      const seen: WorkItem[] = [];
      await work.add({ queue: "q", payload: { n: 1 }, key: "same" });
      await work.add({ queue: "q", payload: { n: 2 }, key: "same" });
      await work.add({ queue: "q", payload: { n: 3 } });
      work.handle("q", async (item) => void seen.push(item));
      await waitFor("two items", () => seen.length >= 2);
      expect(seen.map((item) => item.payload)).toEqual([{ n: 1 }, { n: 3 }]);
      await work.add({ queue: "q", payload: { n: 4 }, key: "same" });
      await waitFor("the third", () => seen.length >= 3);
      expect(seen.at(-1)).toMatchObject({ queue: "q", attempt: 1, payload: { n: 4 } });
    });

    test("work that fails is repeated, and lies in the dead letters after its last attempt", async () => {
      const { work } = opened.ports;
      const attempts: number[] = [];
      work.handle(
        "q",
        async (item) => {
          attempts.push(item.attempt);
          throw new Error("not today");
        },
        { maxAttempts: 2 },
      );
      await work.add({ queue: "q", payload: null });
      await waitFor("the dead letter", async () => (await work.deadLetters(9)).length === 1);
      expect(attempts).toEqual([1, 2]);
      expect(await work.deadLetters(9)).toMatchObject([{ queue: "q", error: "not today" }]);
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
