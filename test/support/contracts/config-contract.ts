// What every adapter of the configuration port must do.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ConfigStore, KEPT_CONFIGS, type StoredConfig } from "../../../lib/ports/config.ts";
import { waitFor } from "../wait-for.ts";

/** `other` sees the same document, as another process would; the same store where there is only one process. */
export type OpenConfig = () => Promise<{ config: ConfigStore; other: ConfigStore; close(): Promise<void> }>;

export function configContract(adapter: string, open: OpenConfig): void {
  describe(`configuration on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenConfig>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test("nothing is there before the first change, which replaces revision 0", async () => {
      const { config, other } = opened;
      expect([await config.read(), await config.history()]).toEqual([undefined, []]);
      const revision = await config.write(0, { id: "a", text: "你好 😀 <b>" });
      expect(revision).toBeGreaterThan(0);
      expect(await other.read()).toEqual({ revision, document: { id: "a", text: "你好 😀 <b>" } });
    });

    test("a change that replaces another revision than the present one is a conflict and changes nothing", async () => {
      const { config, other } = opened;
      const first = await config.write(0, { id: "a" });
      await expect(other.write(0, { id: "b" })).rejects.toMatchObject({ type: "conflict" });
      const second = await other.write(first, { id: "c" });
      expect(second).toBeGreaterThan(first);
      await expect(config.write(first, { id: "d" })).rejects.toMatchObject({ type: "conflict" });
      expect(await config.read()).toEqual({ revision: second, document: { id: "c" } });
    });

    test("of many who change at once, one wins", async () => {
      const { config, other } = opened;
      const from = await config.write(0, { id: "start" });
      const writes = Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? config : other).write(from, { id: String(n) }).then(
          (revision) => ({ revision, document: { id: String(n) } }),
          (error: { type: string }) => error.type,
        ),
      );
      const outcomes = await Promise.all(writes);
      const won = outcomes.filter((outcome) => typeof outcome !== "string");
      expect(won).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "conflict")).toHaveLength(19);
      expect(await other.read()).toEqual(won[0]);
    });

    test("the last values are kept, newest first", async () => {
      const { config, other } = opened;
      let revision = 0;
      const written: StoredConfig[] = [];
      for (let n = 0; n < KEPT_CONFIGS + 3; n += 1) {
        const document = { id: String(n) };
        revision = await config.write(revision, document);
        written.unshift({ revision, document });
      }
      expect(await other.history()).toEqual(written.slice(0, KEPT_CONFIGS));
    });

    test("whoever watches is told what is there, also that nothing is, and then what each change leaves", async () => {
      const { config, other } = opened;
      const told: (StoredConfig | undefined)[] = [];
      const quiet = other.watch((stored) => told.push(stored));
      await quiet.ready;
      expect(told).toEqual([undefined]);
      const first = await config.write(0, { id: "a" });
      await waitFor("the first change", () => told.at(-1)?.revision === first);
      const second = await config.write(first, { id: "b" });
      await waitFor("the second change", () => told.at(-1)?.revision === second);
      expect(told.at(-1)?.document).toEqual({ id: "b" });
      const late: unknown[] = [];
      const also = other.watch((stored) => late.push(stored?.document));
      await also.ready;
      expect(late).toEqual([{ id: "b" }]);
      quiet();
      const third = await config.write(second, { id: "c" });
      await waitFor("the other listener", () => late.length === 2);
      expect(told.at(-1)?.revision).toBe(second);
      expect(third).toBeGreaterThan(second);
      also();
    });

    test("a listener that throws keeps no other from hearing, and the change from nothing", async () => {
      const { config } = opened;
      const told: unknown[] = [];
      const bad = config.watch((stored) => {
        if (stored) throw new Error("a listener's own");
      });
      const good = config.watch((stored) => told.push(stored?.document));
      await Promise.all([bad.ready, good.ready]);
      await config.write(0, { id: "a" });
      await waitFor("the change", () => told.length === 2);
      expect(told).toEqual([undefined, { id: "a" }]);
      bad();
      good();
    });
  });
}
