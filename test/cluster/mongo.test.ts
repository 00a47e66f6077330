// The server that stands in for MongoDB, asked by the official driver; with MONGO_URL the very same of a real one.
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BSON, type Collection, type Document, MongoClient, MongoServerError } from "mongodb";
import { encodeCommand, messagesOf } from "../../bin/cluster/servers/documentdb/wire.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { commandLineOf, familyOf } from "../../bin/cluster/servers/process-family.ts";
import { notOurMongo, startMongo } from "../support/servers/mongo.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { testUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

type Kept = Document & { _id: number };

let server: LocalServer;
let client: MongoClient;
let kept: Collection<Kept>;

beforeAll(async () => {
  server = await startMongo();
  process.stderr.write(`tested on ${server.version}\n`);
  client = await new MongoClient(server.url, { writeConcern: { w: "majority", journal: true } }).connect();
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
beforeEach(async () => {
  kept = client.db().collection<Kept>("kept");
  await kept.drop();
});

const codeOf = (thrown: unknown) => (thrown instanceof MongoServerError ? thrown.code : thrown);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("documents", () => {
  test("come back as they were written, with the kind of each number", async () => {
    const document = {
      _id: 1,
      double: new BSON.Double(3),
      int: new BSON.Int32(3),
      long: BSON.Long.fromString("9007199254740993"),
      date: new Date(1_700_000_000_000),
      binary: new BSON.Binary(Buffer.from([0, 255])),
      text: "ä 日本 \0 end",
      nothing: null,
      nested: [{ a: [true, { b: "c" }] }],
    };
    await kept.insertOne(document);
    expect(await kept.findOne({ _id: 1 }, { promoteValues: false })).toEqual({
      ...document,
      _id: new BSON.Int32(1),
      nested: expect.anything(),
    });
    expect(await kept.findOne({ _id: 1 })).toMatchObject({ nested: document.nested, text: document.text });
  });

  test("are changed by findOneAndUpdate, which answers the new one, or nothing where none is", async () => {
    await kept.insertOne({ _id: 1, n: 1 });
    const after = { returnDocument: "after" } as const;
    expect(await kept.findOneAndUpdate({ _id: 1, n: 1 }, { $inc: { n: 1 } }, after)).toEqual({
      _id: 1,
      n: 2,
    });
    expect(await kept.findOneAndUpdate({ _id: 1, n: 1 }, { $inc: { n: 1 } }, after)).toBeNull();
  });

  test("have one winner when 50 change the same one on the same condition", async () => {
    await kept.insertOne({ _id: 1, owner: null });
    const claims = numbers(50).map((owner) =>
      kept.findOneAndUpdate({ _id: 1, owner: null }, { $set: { owner } }, { returnDocument: "after" }),
    );
    const won = (await Promise.all(claims)).filter((claimed) => claimed !== null);
    expect(won).toHaveLength(1);
    expect(await kept.findOne({ _id: 1 })).toEqual(won[0]);
  });

  test("are found sorted and in pages, many at once", async () => {
    await kept.insertMany(numbers(500).map((n) => ({ _id: n, rank: (n * 7919) % 500 })));
    const read = () => kept.find({}, { sort: { rank: 1 }, batchSize: 50 }).toArray();
    const answers = await Promise.all(numbers(5).map(read));
    for (const found of answers) expect(found.map(({ rank }) => rank)).toEqual(numbers(500));
    expect(await kept.find({}, { batchSize: 33 }).toArray()).toHaveLength(500);
    expect(await kept.countDocuments({ rank: { $lt: 10 } })).toBe(10);
  });
});

describe("indexes", () => {
  test("refuse a key that is there by code 11000, whoever is quicker", async () => {
    await kept.insertOne({ _id: 1 });
    await expect(kept.insertOne({ _id: 1 }).catch(codeOf)).resolves.toBe(11000);
    const inserts = numbers(20).map(() => kept.insertOne({ _id: 2 }).then(() => "in", codeOf));
    const outcomes = await Promise.all(inserts);
    expect(outcomes.filter((outcome) => outcome === "in")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 11000)).toHaveLength(19);
  });

  test("can be unique among the documents of a filter only", async () => {
    const partialFilterExpression = { active: { $type: "string" } };
    await kept.createIndex({ active: 1 }, { unique: true, partialFilterExpression, name: "one_active" });
    await kept.insertMany([{ _id: 1, active: null }, { _id: 2, active: null }, { _id: 3 }]);
    await kept.insertOne({ _id: 4, active: "run" });
    await expect(kept.insertOne({ _id: 5, active: "run" }).catch(codeOf)).resolves.toBe(11000);
    const update = kept.updateOne({ _id: 1 }, { $set: { active: "run" } });
    await expect(update.catch(codeOf)).resolves.toBe(11000);
    const names = (await kept.indexes()).map(({ name }) => name);
    expect(names.sort()).toEqual(["_id_", "one_active"]);
  });

  test("are made once, when many make the same at once", async () => {
    await Promise.all(numbers(8).map(() => kept.createIndex({ a: 1, b: -1 }, { name: "both" })));
    expect(await kept.indexes()).toHaveLength(2);
    await kept.dropIndex("both");
    expect(await kept.indexes()).toHaveLength(1);
  });
});

describe("transactions", () => {
  test("are seen by nobody until they end, and then whole or not at all", async () => {
    await kept.insertOne({ _id: 0 });
    await client.withSession(async (session) => {
      session.startTransaction();
      await kept.insertOne({ _id: 1 }, { session });
      await kept.updateOne({ _id: 0 }, { $set: { changed: true } }, { session });
      expect(await kept.find({}, { session }).toArray()).toHaveLength(2);
      expect(await kept.find().toArray()).toEqual([{ _id: 0 }]);
      await session.commitTransaction();
      expect(await kept.find().toArray()).toHaveLength(2);

      session.startTransaction();
      await kept.deleteMany({}, { session });
      await session.abortTransaction();
      expect(await kept.find().toArray()).toHaveLength(2);
    });
  });

  test("end by an error, and what comes after it is refused", async () => {
    await kept.insertOne({ _id: 0 });
    await client.withSession(async (session) => {
      session.startTransaction();
      await kept.insertOne({ _id: 1 }, { session });
      await expect(kept.insertOne({ _id: 0 }, { session }).catch(codeOf)).resolves.toBe(11000);
      await expect(kept.insertOne({ _id: 2 }, { session }).catch(codeOf)).resolves.toBe(251);
      await session.abortTransaction();
    });
    expect(await kept.find().toArray()).toEqual([{ _id: 0 }]);
  });

  test("that change the same are done one after the other by withTransaction", async () => {
    await kept.insertOne({ _id: 0, n: 0 });
    const increment = () =>
      client.withSession((session) =>
        session.withTransaction(async () => {
          const found = await kept.findOne({ _id: 0 }, { session });
          await kept.updateOne({ _id: 0 }, { $set: { n: Number(found?.n) + 1 } }, { session });
        }),
      );
    await Promise.all(numbers(8).map(increment));
    expect(await kept.findOne({ _id: 0 })).toEqual({ _id: 0, n: 8 });
  });
});

describe("when it fails", () => {
  testUnless(notOurMongo)(
    "what was acknowledged is there after a kill, and nothing waits for ever",
    async () => {
      const acknowledged: number[] = [];
      let last = 0;
      let goesOn = true;
      const write = async () => {
        while (goesOn) {
          last += 1;
          const _id = last;
          await kept.insertOne({ _id }).then(
            () => acknowledged.push(_id),
            () => undefined,
          );
        }
      };
      const writers = numbers(8).map(write);
      try {
        await waitFor("some are written", () => acknowledged.length > 100);
        await server.kill();
        await server.restart();
      } finally {
        goesOn = false;
        await Promise.all(writers);
      }
      const found = new Set((await kept.find().toArray()).map(({ _id }) => _id));
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(0);
    },
  );

  testUnless(notOurMongo)(
    "who waits for PostgreSQL is cut off when it goes away, and served when it is back",
    async () => {
      await kept.insertOne({ _id: 1 });
      const updates = [{ q: { _id: 1 }, u: { $set: { a: 2 } } }];
      await client.withSession(async (session) => {
        session.startTransaction();
        await kept.updateOne({ _id: 1 }, { $set: { a: 1 } }, { session });
        const waiting = askAlone({ update: "kept", updates, $db: client.db().databaseName });
        const cutOff = expect(waiting).rejects.toThrow("cut off");
        // Where one of its processes is killed, PostgreSQL starts all of them anew.
        // PostgreSQL's processes say what they do in their names; where one is killed, it starts all of them anew.
        const isWaiting = (pid: number) => /postgres: .* waiting/.test(commandLineOf(pid));
        const backend = await waitFor("it waits for the other's lock", () =>
          familyOf(server.pid).find(isWaiting),
        );
        process.kill(backend, "SIGKILL");
        await cutOff;
        await session.abortTransaction().catch(() => undefined);
      });
      await waitFor("it serves again", () => kept.findOne({ _id: 1 }).catch(() => undefined));
      expect(await kept.findOne({ _id: 1 })).toEqual({ _id: 1 });
    },
  );

  testUnless(notOurMongo)("through a proxy that cuts and heals its driver goes on", async () => {
    const proxied = new URL(server.url);
    const proxy = await startTcpProxy(Number(proxied.port || 27017));
    proxied.port = String(proxy.port);
    proxied.search = "?directConnection=true&retryWrites=true";
    const other = await new MongoClient(proxied.href).connect();
    const through = other.db().collection<Kept>("kept");
    try {
      await through.insertOne({ _id: 1 });
      proxy.refuse();
      proxy.cut();
      await expect(through.findOne({ _id: 1 }, { timeoutMS: 100 })).rejects.toThrow();
      await proxy.heal();
      const write = () =>
        through.insertOne({ _id: 2 }).then(
          () => true,
          (thrown) => codeOf(thrown) === 11000,
        );
      await waitFor("it is written", write);
      expect(await kept.find({}, { sort: { _id: 1 } }).toArray()).toEqual([{ _id: 1 }, { _id: 2 }]);
    } finally {
      await other.close();
      proxy.stop();
    }
  });

  testUnless(notOurMongo)("a write that is repeated because its answer was lost is done once", async () => {
    const lsid = { id: new BSON.UUID() };
    const command = { insert: "kept", documents: [{ a: 1 }], $db: client.db().databaseName };
    const repeatable = { ...command, lsid, txnNumber: BSON.Long.fromNumber(1) };
    expect(await askAlone(repeatable)).toMatchObject({ n: 1, ok: 1 });
    expect(await askAlone(repeatable)).toMatchObject({ n: 1, ok: 1 });
    expect(await kept.countDocuments()).toBe(1);
  });

  testUnless(notOurMongo)("whoever sends what is no message is cut off, and nobody else", async () => {
    const documents = [Buffer.from([255, 255, 255, 127, 1, 2]), encodeCommand(Buffer.from([9, 0, 0, 0, 1]))];
    for (const bytes of documents) {
      const socket = connect(server.port, "127.0.0.1");
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.on("error", () => undefined).resume();
      socket.write(bytes);
      await closed;
    }
    await kept.insertOne({ _id: 1 });
    expect(await kept.findOne({ _id: 1 })).toEqual({ _id: 1 });
  });

  test("a command that it does not know is refused by its code", async () => {
    await expect(client.db().command({ danceTango: 1 }).catch(codeOf)).resolves.toBe(59);
  });
});

/** Over a connection of its own, as no driver would. */
async function askAlone(command: Document): Promise<Document> {
  const socket = connect(server.port, "127.0.0.1");
  socket.write(encodeCommand(BSON.serialize(command)));
  for await (const { document } of messagesOf(socket)) {
    socket.destroy();
    return BSON.deserialize(document);
  }
  throw new Error("it was cut off");
}
