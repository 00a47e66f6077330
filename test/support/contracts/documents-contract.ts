// What every adapter of the documents port must do: the embedded one passes it here, the cluster's on real servers.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Condition, Documents, Update } from "../../../lib/ports/documents.ts";
import type { Ports } from "../../../lib/ports/ports.ts";

/** Whatever models and tools may write: keys that stores take for their own, and texts that are no UTF-8. */
function hostile(): Record<string, unknown> {
  let deep: unknown = "bottom";
  for (let level = 0; level < 150; level += 1) deep = level % 2 ? [deep] : { deep };
  return {
    ...JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
    _bsontype: "ObjectId",
    "nul \0 key": "nul \0 text",
    $set: { $where: 1 },
    "a.b": { "": null, ".": [] },
    "half \ud83d key": "half \udc00 text \uffff \uffffd83d",
    numbers: [0.1, 2 ** 31, -(2 ** 53), 1e300],
    deep,
  };
}
type Written = {
  _id: string;
  args: unknown;
  log: unknown[];
  inner?: { note: unknown; of: string };
  n: number;
};

type Thing = {
  _id: string;
  owner: string;
  rank?: number | null;
  key?: string;
  deep?: { at: string } | null;
  list?: number[];
  text?: string;
};

/** Opens empty ports, or those of them that an outside technology has. */
export type OpenPorts<Names extends keyof Ports = keyof Ports> = () => Promise<{
  ports: Pick<Ports, Names>;
  close(): Promise<void>;
}>;

export function documentsContract(adapter: string, openPorts: OpenPorts<"documents">): void {
  describe(`documents on ${adapter}`, () => {
    let things: Documents<Thing>;
    let opened: Awaited<ReturnType<OpenPorts<"documents">>>;

    beforeEach(async () => {
      opened = await openPorts();
      things = opened.ports.documents<Thing>({
        name: "things",
        apart: ["text"],
        indexes: [
          { name: "by_owner", fields: ["owner", "rank"] },
          { name: "key", fields: ["key"], unique: true, partialOn: "key" },
          { name: "deep", fields: ["owner", "deep.at"], partialOn: "deep.at" },
        ],
      });
    });
    afterEach(() => opened.close());

    test("gives back what was inserted, and null for what is not there", async () => {
      await things.insert({ _id: "a", owner: "o", list: [1, 2], deep: { at: "x" } });
      expect(await things.get("a")).toEqual({ _id: "a", owner: "o", list: [1, 2], deep: { at: "x" } });
      expect(await things.get("b")).toBeNull();
    });

    test("a long text that is kept apart is part of its document like any other field", async () => {
      const long = "long ".repeat(10_000);
      const set = (text: string) => things.compareAndSet("a", {}, { $set: { text } });
      /** Listed, because that reads what is stored. */
      const stored = () => things.list({ index: "by_owner", equals: { owner: "o" }, limit: 9 });
      await things.insert({ _id: "a", owner: "o", text: long });
      expect(await things.compareAndSet("a", { text: long }, { $set: { rank: 1 } })).toMatchObject({
        text: long,
      });
      expect(await stored()).toEqual([{ _id: "a", owner: "o", text: long, rank: 1 }]);
      await expect(things.insert({ _id: "a", owner: "o", text: `no ${long}` })).rejects.toThrow();
      expect((await stored())[0]?.text).toBe(long);
      // JSON can say half of a surrogate pair.
      for (const text of [`other ${long}`, `\ud83d half ${long}`, "short", long]) {
        await set(text);
        expect((await stored())[0]?.text).toBe(text);
      }
      await things.compareAndSet("a", {}, { $unset: { text: "" } });
      expect(await stored()).toEqual([{ _id: "a", owner: "o", rank: 1 }]);
      await set(long);
      await things.remove("a");
      await things.insert({ _id: "a", owner: "o" });
      expect(await stored()).toEqual([{ _id: "a", owner: "o" }]);
    });

    test("refuses an id or a unique value twice, and keeps the first", async () => {
      await things.insert({ _id: "a", owner: "first", key: "k" });
      await expect(things.insert({ _id: "a", owner: "second" })).rejects.toMatchObject({
        type: "duplicate_key",
      });
      await expect(things.insert({ _id: "b", owner: "second", key: "k" })).rejects.toMatchObject({
        type: "duplicate_key",
      });
      expect((await things.get("a"))?.owner).toBe("first");
      expect(await things.get("b")).toBeNull();
    });

    test("allows many documents without an optional unique key", async () => {
      await things.insert({ _id: "a", owner: "o" });
      await things.insert({ _id: "b", owner: "o" });
      expect(await things.count("by_owner", { owner: "o" })).toBe(2);
    });

    test("lists in the order of the index, page by page, each document once", async () => {
      for (const [i, rank] of [3, 1, null, 2, 1, undefined].entries())
        await things.insert({ _id: `t${i}`, owner: "o", ...(rank === undefined ? {} : { rank }) });
      await things.insert({ _id: "other", owner: "p", rank: 0 });
      for (const order of ["asc", "desc"] as const) {
        const whole = await things.list({ index: "by_owner", equals: { owner: "o" }, order, limit: 100 });
        const paged: Thing[] = [];
        for (;;) {
          const last = paged.at(-1);
          const page = await things.list({
            index: "by_owner",
            equals: { owner: "o" },
            order,
            limit: 2,
            ...(last ? { after: { value: last.rank ?? null, id: last._id } } : {}),
          });
          paged.push(...page);
          if (page.length < 2) break;
        }
        expect(paged).toEqual(whole);
        const ascending = ["t2", "t5", "t1", "t4", "t3", "t0"];
        expect(whole.map((thing) => thing._id)).toEqual(order === "asc" ? ascending : ascending.toReversed());
      }
    });

    test("lists by all fields of an index, and by a dotted field", async () => {
      await things.insert({ _id: "a", owner: "o", rank: 1, deep: { at: "2" } });
      await things.insert({ _id: "b", owner: "o", rank: 1, deep: { at: "1" } });
      await things.insert({ _id: "c", owner: "o", rank: 1, deep: null });
      const same = await things.list({
        index: "by_owner",
        equals: { owner: "o", rank: 1 },
        after: { value: null, id: "a" },
        limit: 9,
      });
      expect(same.map((thing) => thing._id)).toEqual(["b", "c"]);
      await things.compareAndSet("b", {}, { $set: { "deep.at": "3" } });
      const deep = await things.list({ index: "deep", equals: { owner: "o", "deep.at": "3" }, limit: 9 });
      expect(deep.map((thing) => thing._id)).toEqual(["b"]);
    });

    test("changes a document only where it is as expected, and answers it as it is then", async () => {
      await things.insert({ _id: "a", owner: "o", rank: 1 });
      expect(await things.compareAndSet("a", { rank: 2 }, { $set: { rank: 3 } })).toBeNull();
      expect(await things.compareAndSet("a", { rank: { $lt: 2 } }, { $inc: { rank: 4 } })).toMatchObject({
        rank: 5,
      });
      expect(await things.compareAndSet("a", { key: null }, { $push: { list: 7 } })).toMatchObject({
        list: [7],
      });
      expect(await things.compareAndSet("a", {}, { $unset: { rank: "" } })).not.toHaveProperty("rank");
      expect(await things.compareAndSet("gone", {}, { $set: { rank: 1 } })).toBeNull();
      expect(await things.get("a")).toEqual({ _id: "a", owner: "o", list: [7] });
    });

    test("an element that an array does not have is missing, as a condition", async () => {
      await things.insert({ _id: "a", owner: "o", list: [] });
      const push = (expected: Condition) => things.compareAndSet("a", expected, { $push: { list: 1 } });
      expect(await push({ "list.0": null })).toMatchObject({ list: [1] });
      expect(await push({ "list.0": null })).toBeNull();
      expect(await push({ "list.1": null, owner: "o" })).toMatchObject({ list: [1, 1] });
      expect(await push({ "deep.at": null })).toMatchObject({ list: [1, 1, 1] });
    });

    test.each(["half \ud83d", "\udc00 half", "nul \0 text", "\uffff", "\uffffd83d", "ä 日本 😀"])(
      "keeps and finds the text %j",
      async (text) => {
        const has = (expected: string) =>
          things.compareAndSet("a", { text: expected }, { $inc: { rank: 1 } });
        await things.insert({ _id: "a", owner: "o", text });
        expect(await things.get("a")).toEqual({ _id: "a", owner: "o", text });
        expect(await has(text)).toEqual({ _id: "a", owner: "o", text, rank: 1 });
        expect(await has("half \ufffd")).toBeNull();
        expect(await things.list({ index: "by_owner", equals: { owner: "o" }, limit: 9 })).toMatchObject([
          { text },
        ]);
      },
    );

    test("gives back what others wrote as they wrote it, and compares and changes it as a whole", async () => {
      const written = opened.ports.documents<Written>({
        name: "written",
        opaque: ["args", "log[]", "inner.note"],
        indexes: [{ name: "n", fields: ["n"] }],
      });
      const args = hostile();
      const asText = JSON.stringify(args);
      /** Listed, because that reads what is stored. */
      const stored = async () => (await written.list({ index: "n", equals: {}, limit: 9 }))[0];
      const set = (expected: Condition, update: Update) => written.compareAndSet("a", expected, update);
      await written.insert({ _id: "a", args, log: [hostile(), null, 1, "text"], n: 0 });
      expect(JSON.stringify(await stored())).toBe(
        JSON.stringify({ _id: "a", args, log: [args, null, 1, "text"], n: 0 }),
      );
      expect(await set({ args: null }, { $inc: { n: 1 } })).toBeNull();
      expect(await set({ "log.4": null }, { $push: { log: hostile() }, $inc: { n: 1 } })).toMatchObject({
        n: 1,
      });
      expect(await set({ "log.4": null }, { $push: { log: 1 } })).toBeNull();
      expect(await set({}, { $push: { log: { $each: [hostile(), "\ud83d"] } } })).not.toBeNull();
      const log = (await stored())?.log ?? [];
      expect(log).toHaveLength(7);
      expect([JSON.stringify(log[4]), JSON.stringify(log[5]), log[6]]).toEqual([asText, asText, "\ud83d"]);
      await set({}, { $set: { args: "plain", log: [], inner: { note: hostile(), of: "\ud83d" } } });
      expect(await set({ args: "plain" }, { $set: { args: null } })).toMatchObject({ args: null });
      expect(await set({ args: null }, { $set: { "inner.note": [hostile()] } })).toMatchObject({ log: [] });
      const { inner } = (await stored()) ?? {};
      expect(JSON.stringify(inner)).toBe(JSON.stringify({ note: [args], of: "\ud83d" }));
      await set({}, { $unset: { inner: "", args: "" } });
      expect(await stored()).toEqual({ _id: "a", log: [], n: 1 });
    });

    test("lets one of many who expect the same win", async () => {
      await things.insert({ _id: "a", owner: "nobody" });
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          things.compareAndSet("a", { owner: "nobody" }, { $set: { owner: `claimer ${i}` } }),
        ),
      );
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    });

    test("removes once", async () => {
      await things.insert({ _id: "a", owner: "o" });
      expect(await things.remove("a")).toBe(true);
      expect(await things.remove("a")).toBe(false);
      expect(await things.get("a")).toBeNull();
    });
  });
}
