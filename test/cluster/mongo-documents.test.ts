// The documents port on MongoDB: the contracts, indexes, sizes, and what is refused so that nothing is changed without a word.
import { describe, expect, test } from "@jest/globals";
import type { MongoOptions } from "../../lib/cluster/mongo/open-mongo.ts";
import type { IndexSpec, Update } from "../../lib/ports/documents.ts";
import { adapterContract } from "../support/contracts/adapter-contract.ts";
import { documentsContract } from "../support/contracts/documents-contract.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { beside, UNHURRIED, useMongo } from "../support/use-mongo.ts";

const { server, opened, openPorts } = useMongo();

documentsContract("MongoDB", openPorts);
adapterContract("MongoDB", openPorts);

type Any = { _id: string } & Record<string, unknown>;
const MIB = 1024 * 1024;

/** A collection in a database of its own, and what else is to be said of it. */
function anything(indexes: IndexSpec[] = [], opaque: string[] = [], options: Partial<MongoOptions> = {}) {
  const url = otherDatabase(server().url);
  const spec = { name: "anything", indexes, opaque };
  return { url, spec, documents: opened(url, options).documents<Any>(spec) };
}

describe("what MongoDB cannot keep as it is", () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

  test.each<[string, unknown]>([
    ["a key _bsontype", { _bsontype: "ObjectId", id: 1 }],
    ["a key with a NUL", { "a\0b": 1 }],
    ["a key with half a pair", { "a\ud83d": 1 }],
    ["a key with a dollar", [{ $set: 1 }]],
    ["a key with a dot", { "a.b": 1 }],
    ["a key that is empty", { a: { "": 1 } }],
    ["150 levels", nested(150)],
  ])("%s is refused outside of opaque fields, and nothing is stored", async (_what, value) => {
    const { documents } = anything();
    const refused = { type: "invalid_request" };
    await expect(documents.insert({ _id: "a", value })).rejects.toMatchObject(refused);
    expect(await documents.get("a")).toBeNull();
    await documents.insert({ _id: "a" });
    const updates: Update[] = [
      { $set: { value } },
      { $push: { list: value } },
      { $set: { "in.side": [value] } },
    ];
    for (const update of updates)
      await expect(documents.compareAndSet("a", {}, update)).rejects.toMatchObject(refused);
    expect(await documents.get("a")).toEqual({ _id: "a" });
  });

  test("a key __proto__ stays a key, and numbers are what JSON makes of them", async () => {
    const { documents } = anything();
    const value = JSON.parse('{"__proto__": {"a": "\\ud83d"}}');
    const numbers = [-0, 2 ** 31, 2 ** 53 - 1, -(2 ** 63), 0.1, Number.NaN];
    const left = undefined;
    await documents.insert({ _id: "a", value, numbers, left });
    const text = '{"_id":"a","value":{"__proto__":{"a":"\\ud83d"}},"numbers":';
    expect(JSON.stringify(await documents.get("a"))).toBe(`${text}${JSON.stringify(numbers)}}`);
    expect(await documents.compareAndSet("a", {}, { $set: { value: left } })).not.toHaveProperty("value");
  });

  test("who looks into an opaque field, or changes a part of it, is told so", async () => {
    const { documents } = anything([], ["args", "log[]"]);
    const set = (expected: object, update: object) =>
      documents.compareAndSet("a", { ...expected }, { ...update });
    await documents.insert({ _id: "a", args: { n: 1 }, log: [{ n: 1 }] });
    await expect(set({ "args.n": 1 }, { $set: { b: 1 } })).rejects.toThrow(/opaque/);
    await expect(set({ "log.n": 1 }, { $set: { b: 1 } })).rejects.toThrow(/opaque/);
    await expect(set({ args: { $gt: 1 } }, { $set: { b: 1 } })).rejects.toThrow(/opaque/);
    await expect(set({}, { $inc: { "args.n": 1 } })).rejects.toThrow(/opaque/);
    await expect(set({}, { $inc: { args: 1 } })).rejects.toThrow(/opaque/);
    await expect(set({}, { $set: { "log.0.n": 2 } })).rejects.toThrow(/opaque/);
    expect(await documents.get("a")).toEqual({ _id: "a", args: { n: 1 }, log: [{ n: 1 }] });
    expect(await set({ log: { n: 1 } }, { $pull: { log: { n: 1 } } })).toMatchObject({ log: [] });
  });

  test("more than 16 MiB is body_too_large, at once or as it grows, and the document stays as it was", async () => {
    // What it refuses is asked for here, not how fast a slow machine stores 9 MiB.
    const { documents } = anything([], ["log[]"], { patience: UNHURRIED });
    const tooLarge = { type: "body_too_large" };
    const large = "x".repeat(17 * MIB);
    await expect(documents.insert({ _id: "b", large })).rejects.toMatchObject(tooLarge);
    await expect(documents.insert({ _id: "b", log: [large] })).rejects.toMatchObject(tooLarge);
    expect(await documents.get("b")).toBeNull();
    await documents.insert({ _id: "a", n: 0, log: ["y".repeat(9 * MIB)] });
    for (const part of [large, "z".repeat(9 * MIB)])
      await expect(
        documents.compareAndSet("a", {}, { $push: { log: part }, $inc: { n: 1 } }),
      ).rejects.toMatchObject(tooLarge);
    expect(await documents.compareAndSet("a", {}, { $inc: { n: 1 } })).toMatchObject({ n: 1 });
  });
});

describe("indexes", () => {
  const KEY: IndexSpec = { name: "key", fields: ["key"], unique: true, partialOn: "key" };
  const QUEUED: IndexSpec = {
    name: "queued",
    fields: ["group", "rank"],
    only: { field: "status", is: "queued" },
  };

  test("are made once when many processes open the collection at once", async () => {
    const { url, spec } = anything([KEY, QUEUED]);
    const all = Array.from({ length: 6 }, () => opened(url).documents<Any>(spec));
    const inserted = await Promise.allSettled(all.map((one, n) => one.insert({ _id: `${n}`, key: "same" })));
    expect(inserted.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const indexes = await beside(url, (client) => client.db().collection("anything").indexes());
    expect(indexes.map(({ name }) => name).sort()).toEqual(["_id_", "key", "queued"]);
  });

  test("are made anew when their definition has changed", async () => {
    const { url, documents } = anything([KEY]);
    await documents.insert({ _id: "a", key: "k" });
    const changed = { name: "anything", indexes: [{ name: "key", fields: ["key", "rank"] }] };
    await Promise.all([1, 2, 3].map(() => opened(url).documents<Any>(changed).connect()));
    const later = opened(url).documents<Any>(changed);
    await later.insert({ _id: "b", key: "k" });
    expect(await later.list({ index: "key", equals: { key: "k" }, limit: 9 })).toHaveLength(2);
  });

  test("that hold some documents only list and count no others", async () => {
    const { documents } = anything([QUEUED, { name: "open", fields: ["open", "rank"], partialOn: "open" }]);
    await documents.insertMany([
      { _id: "a", group: "g", rank: 2, status: "queued", open: 1 },
      { _id: "b", group: "g", rank: 1, status: "queued", open: null },
      { _id: "c", group: "g", rank: 0, status: "running", open: 1 },
      { _id: "d", group: "g", rank: 3, status: "queued" },
    ]);
    const queued = await documents.list({ index: "queued", equals: { group: "g" }, limit: 9 });
    expect(queued.map(({ _id }) => _id)).toEqual(["b", "a", "d"]);
    expect(await documents.count("queued", { group: "g" })).toBe(3);
    const open = await documents.list({ index: "open", equals: {}, order: "desc", limit: 9 });
    expect(open.map(({ _id }) => _id)).toEqual(["c", "a"]);
    expect(await documents.count("open", { open: 1 })).toBe(2);
  });
});
