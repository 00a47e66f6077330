// What every adapter of the signals port must do.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Ports } from "../../../lib/ports/ports.ts";
import { waitFor } from "../wait-for.ts";

export type OpenSignals = () => Promise<{ ports: Pick<Ports, "signals">; close(): Promise<void> }>;

export function signalsContract(adapter: string, openPorts: OpenSignals): void {
  describe(`signals on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenSignals>>;
    beforeEach(async () => {
      opened = await openPorts();
    });
    afterEach(() => opened.close());

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

    test("a listener hears exactly the subject it names", async () => {
      const { signals } = opened.ports;
      const names = ["a", "a.b", "a.b.c", "a.*", "a.>", ">", "*.b", "a..b", "a b", "A", "ä", "a.%2a", ""];
      const heard: string[] = [];
      const listening = names.map((name) =>
        signals.subscribe(name, (data) => heard.push(`${name} ${String(data)}`)),
      );
      await Promise.all(listening.map(({ ready }) => ready));
      for (const name of names) signals.publish(name, name);
      await waitFor("all of them", () => heard.length >= names.length);
      expect(heard.toSorted()).toEqual(names.map((name) => `${name} ${name}`).toSorted());
      for (const quiet of listening) quiet();
    });

    test("a listener that throws keeps nobody from hearing, now and later", async () => {
      const { signals } = opened.ports;
      const heard: unknown[] = [];
      const bad = signals.subscribe("a", () => {
        throw new Error("a defect");
      });
      const good = signals.subscribe("a", (data) => heard.push(data));
      await Promise.all([bad.ready, good.ready]);
      signals.publish("a", 1);
      signals.publish("a", 2);
      await waitFor("both", () => heard.length === 2);
      expect(heard).toEqual([1, 2]);
      bad();
      good();
    });

    test("a listener may leave, and others may come, while one is told", async () => {
      const { signals } = opened.ports;
      const heard: string[] = [];
      let late: ReturnType<typeof signals.subscribe> | undefined;
      const first = signals.subscribe("a", () => {
        heard.push("first");
        first();
        late = signals.subscribe("a", () => heard.push("late"));
      });
      await first.ready;
      signals.publish("a", 1);
      await waitFor("the first", () => heard.length > 0);
      await late?.ready;
      signals.publish("a", 2);
      await waitFor("the one that came", () => heard.includes("late"));
      expect(heard).toEqual(["first", "late"]);
      late?.();
    });
  });
}
