// What every adapter of the small ports must do: rate windows, the cache, waiting work.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { WorkItem } from "../../../lib/ports/work.ts";
import { waitFor } from "../wait-for.ts";
import type { OpenPorts } from "./documents-contract.ts";

export function otherContracts(adapter: string, openPorts: OpenPorts): void {
  describe(`work on ${adapter}`, () => {
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
  });
}
