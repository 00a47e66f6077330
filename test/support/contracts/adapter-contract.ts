// What every adapter under mixins/documents.ts must do: moleculer-db's interface, asked as its stock service asks it.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Query } from "mingo";
import { type Service, ServiceBroker, type ServiceSchema } from "moleculer";
import DbService, { type DbAdapter } from "moleculer-db";
import type { DocumentAdapter, Filters } from "../../../lib/ports/document-adapter.ts";
import type { OpenPorts } from "./documents-contract.ts";

type Thing = { _id: string; owner: string; rank?: unknown; colour?: unknown; text?: string };

const THINGS: Thing[] = [
  { _id: "a", owner: "ada", rank: 3, colour: "red" },
  { _id: "b", owner: "ada", rank: 1, colour: "blue" },
  { _id: "c", owner: "bob", rank: 0, colour: true },
  { _id: "d", owner: "bob", rank: false, colour: null },
  { _id: "e", owner: "cyd", rank: null },
  { _id: "f", owner: "cyd", colour: "Reddish", text: "long ".repeat(2_000) },
];
const ids = (found: { _id: string }[]) => found.map(({ _id }) => _id);

export function adapterContract(adapter: string, openPorts: OpenPorts<"documents">): void {
  describe(`moleculer-db on ${adapter}`, () => {
    let things: DocumentAdapter<Thing>;
    let opened: Awaited<ReturnType<OpenPorts<"documents">>>;

    beforeEach(async () => {
      opened = await openPorts();
      things = opened.ports.documents<Thing>({
        name: "things",
        apart: ["text"],
        indexes: [{ name: "by_owner", fields: ["owner", "rank"] }],
      });
      await things.connect();
      await things.insertMany(THINGS);
    });
    afterEach(() => opened.close());

    const QUERIES = [
      {},
      { owner: "ada" },
      { _id: "c" },
      { owner: "ada", rank: 1 },
      { rank: 0 },
      { rank: false },
      { rank: true },
      { rank: null },
      { owner: { $in: ["ada", "cyd"] } },
      { owner: { $in: [] } },
      { rank: { $gte: 1 } },
      { owner: { $ne: "ada" } },
      { colour: "red" },
      { owner: "bob", colour: { $exists: true } },
      { $or: [{ owner: "cyd" }, { rank: 3 }] },
    ];
    test.each(QUERIES)("finds, counts and removes what %j means", async (query) => {
      const meant = ids(new Query(query).find<Thing>(THINGS).all());
      expect(ids(await things.find({ query }))).toEqual(meant);
      expect(await things.count({ query })).toBe(meant.length);
      expect((await things.findOne(query))?._id).toBe(meant[0]);
      expect(await things.removeMany(query)).toBe(meant.length);
      expect(ids(await things.find())).toEqual(ids(THINGS).filter((id) => !meant.includes(id)));
    });

    test.each<[Filters, string[]]>([
      [{ sort: "-_id", limit: 2 }, ["f", "e"]],
      [{ sort: ["owner", "-_id"], offset: 1, limit: 3 }, ["a", "d", "c"]],
      [{ query: { owner: "ada" }, sort: "rank" }, ["b", "a"]],
      [{ query: { colour: { $exists: true } }, sort: "-owner", limit: 2 }, ["f", "c"]],
      [{ search: "RED" }, ["a", "f"]],
      [{ search: "a", searchFields: "owner", limit: 1, offset: 1 }, ["b"]],
      [{ limit: null, offset: null, query: null }, ["a", "b", "c", "d", "e", "f"]],
    ])("orders and limits as %j says", async (filters, wanted) => {
      expect(ids(await things.find(filters))).toEqual(wanted);
      expect(ids(await things.createCursor(filters).toArray())).toEqual(wanted);
      expect(await things.createCursor(filters).count()).toBe(wanted.length);
    });

    test("gives those that are there, in the order that was asked for", async () => {
      expect(ids(await things.findByIds(["f", "gone", "a"]))).toEqual(["f", "a"]);
      expect((await things.findByIds(["f"]))[0]?.text).toHaveLength(10_000);
    });

    test("changes many and one, and says what became of them", async () => {
      expect(await things.updateMany({ owner: "ada" }, { $set: { owner: "eve" }, $inc: { rank: 1 } })).toBe(
        2,
      );
      expect(await things.find({ query: { owner: "eve" }, sort: "rank" })).toMatchObject([
        { rank: 2 },
        { rank: 4 },
      ]);
      expect(await things.updateById("c", { $set: { colour: "green" } })).toMatchObject({ colour: "green" });
      expect(await things.updateById("gone", { $set: { colour: "green" } })).toBeNull();
    });

    test("removes one, answers it as it was, and all", async () => {
      expect(await things.removeById("f")).toEqual(THINGS[5]);
      expect(await things.removeById("f")).toBeNull();
      await things.insert({ _id: "f", owner: "new" });
      expect(await things.findById("f")).toEqual({ _id: "f", owner: "new" });
      expect(await things.clear()).toBe(6);
      expect(await things.find()).toEqual([]);
    });

    test("serves moleculer-db's stock service, ids under another name", async () => {
      const broker = new ServiceBroker({ logger: false });
      const schema = {
        name: "things",
        mixins: [DbService as unknown as ServiceSchema],
        settings: { idField: "id", excludeFields: ["rank"] },
      };
      const service: Service = broker.createService(schema);
      // A schema is copied, and what it holds with it.
      const stock = service as Service & { adapter: DbAdapter };
      stock.adapter = things as unknown as DbAdapter;
      await broker.start();
      const call = (action: string, params: object) =>
        broker.call<unknown, object>(`things.${action}`, params);
      expect(await call("create", { id: "new", owner: "dan", rank: 9 })).toEqual({ id: "new", owner: "dan" });
      expect(await call("get", { id: "new" })).toEqual({ id: "new", owner: "dan" });
      expect(await call("update", { id: "new", colour: "grey" })).toEqual({
        id: "new",
        owner: "dan",
        colour: "grey",
      });
      expect(await things.findById("new")).toEqual({ _id: "new", owner: "dan", rank: 9, colour: "grey" });
      expect(await call("list", { query: { owner: "dan" }, pageSize: 5 })).toMatchObject({
        total: 1,
        rows: [{ id: "new" }],
      });
      expect(await call("find", { sort: "-owner", limit: 1 })).toMatchObject([{ id: "new" }]);
      expect(await call("count", { query: { owner: "bob" } })).toBe(2);
      expect(await call("insert", { entities: [{ _id: "x", owner: "xen" }] })).toMatchObject([{ id: "x" }]);
      expect(await call("remove", { id: "new" })).toMatchObject({ id: "new" });
      await expect(call("get", { id: "new" })).rejects.toMatchObject({ code: 404 });
      await broker.stop();
      expect(ids(await things.find({ query: { owner: "xen" } }))).toEqual(["x"]);
    });
  });
}
