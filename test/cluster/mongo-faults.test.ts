// MongoDB that is away, killed, frozen, cut off or full of others: each is an error of the catalogue within bounded time, what was
// acknowledged is there, what was done is not done twice, and the process lives. G12
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { MongoServerError } from "mongodb";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import { commandLineOf, familyOf } from "../../bin/cluster/servers/process-family.ts";
import { mongoError } from "../../lib/cluster/mongo/mongo-error.ts";
import { openMongo } from "../../lib/cluster/mongo/open-mongo.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { notOurMongo } from "../support/servers/mongo.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { describeUnless } from "../support/unless.ts";
import { beside, QUICK, UNAVAILABLE, UNHURRIED, useMongo } from "../support/use-mongo.ts";
import { waitFor } from "../support/wait-for.ts";

const { server, opened } = useMongo();

type Thing = { _id: string; owner?: string | null; n?: number };
const THINGS = { name: "things", indexes: [] };
const things = (url: string, quick = true) =>
  opened(url, quick ? { patience: QUICK, startPatienceMs: 500 } : {}).documents<Thing>(THINGS);

describe("the URL", () => {
  const words = (url: string) => () => openMongo({ url });

  test.each([
    ["mongodb://u:secret@db.example.com/d", /would send passwords and data to db\.example\.com.*tls=true/],
    ["mongodb://u:secret@127.0.0.1,10.0.0.1/d", /would send passwords and data to 10\.0\.0\.1/],
    ["mongodb://u:secret@10.0.0.1/d?tls=true&tlsAllowInvalidCertificates=true", /would send passwords/],
    ["mongodb://u:secret@10.0.0.1/d?tls=true&tlsAllowInvalidHostnames=true", /would send passwords/],
    ["mongodb://u:secret@10.0.0.1/d?tls=true&tlsInsecure=true", /would send passwords/],
    ["mongodb://u:secret@127.evil.example/d", /would send passwords/],
    ["mongodb+srv://u:secret@db.example.com/d?tls=false", /would send passwords/],
    ["mongodb://u:secret@127.0.0.1/d?wrong=1", /MONGO_URL cannot be used: option wrong is not supported/],
    ["mongodb://u:secr@et@127.0.0.1/d", /MONGO_URL cannot be used: It must be like/],
    ["postgres://u:secret@127.0.0.1/d", /must be like mongodb:/],
    ["not a url with secret", /must be like mongodb:/],
  ])("%s is refused in words that hold no password", (url, expected) => {
    expect(words(url)).toThrow(expected);
    expect(words(url)).not.toThrow(/secr.?et/);
  });

  test.each([
    "mongodb://127.0.0.1/d",
    "mongodb://u:p@localhost:27018,[::1]:27019/d?replicaSet=rs0&w=1",
    "mongodb://%2Ftmp%2Fmongodb.sock/d",
    "mongodb://u:p@db.example.com/d?tls=true",
    "mongodb+srv://u:p@db.example.com/d",
  ])("%s is taken", async (url) => {
    await openMongo({ url }).close();
  });
});

describe("at the start", () => {
  test("a server that is away is waited for, and then said in words", async () => {
    const url = `mongodb://127.0.0.1:${await freePort()}/d?replicaSet=rs0`;
    const mongo = opened(url, { patience: QUICK, startPatienceMs: 500 });
    await expect(mongo.ready()).rejects.toThrow(
      "MongoDB (MONGO_URL): The document store cannot be used now: it cannot be reached (ECONNREFUSED). Try again.",
    );
    await expect(mongo.documents<Thing>(THINGS).get("a")).rejects.toMatchObject(UNAVAILABLE);
    expect(await mongo.check()).toEqual([expect.stringMatching(/^MongoDB: .*cannot be reached/)]);
  });

  test("a server that hears and says nothing is given up in bounded time", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    const port = await freePort();
    await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
    const mongo = opened(`mongodb://127.0.0.1:${port}/d`, { patience: QUICK, startPatienceMs: 500 });
    await expect(mongo.ready()).rejects.toThrow(/MONGO_URL.*cannot be reached/);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test("the wrong replica set, or a server without TLS, is said in words without a password", async () => {
    const url = new URL(server().url);
    url.search = "?replicaSet=other";
    const wrongSet = opened(url.href, { patience: QUICK, startPatienceMs: 500 });
    await expect(wrongSet.ready()).rejects.toThrow(/MONGO_URL.*(cannot be reached|no primary)/);
    url.search = "?directConnection=true&tls=true";
    const noTls = opened(url.href, { patience: QUICK, startPatienceMs: 60_000 });
    await expect(noTls.ready()).rejects.toThrow(/does not speak TLS/);
  });

  test.each([
    [18, /refuses the user or the password/],
    [13, /may not do this/],
    [20, /has to be a replica set/],
  ])("what the server refuses by code %i is said in words", (code, words) => {
    const error = mongoError(new MongoServerError({ code, errmsg: "no" }));
    expect(error).toMatchObject({ ...UNAVAILABLE, message: expect.stringMatching(words) });
  });
});

describeUnless(notOurMongo)("while it runs", () => {
  let proxy: TcpProxy | undefined;
  afterEach(() => proxy?.stop());

  /** A collection in a database of its own: through a proxy, and beside it. */
  async function behindProxy() {
    const direct = otherDatabase(server().url);
    proxy = await startTcpProxy(server().port);
    const through = new URL(direct);
    through.port = String(proxy.port);
    through.search = "?directConnection=true";
    const beside = things(direct, false);
    await beside.connect();
    return { proxy, url: through.href, through: things(through.href), beside };
  }

  test("what was acknowledged is there after kill -9, and what was refused said so", async () => {
    const documents = things(otherDatabase(server().url));
    const kept: string[] = [];
    let n = 0;
    let isOver = false;
    const write = async () => {
      while (!isOver) {
        n += 1;
        const _id = `t${n}`;
        await documents.insert({ _id }).then(
          () => kept.push(_id),
          (thrown: unknown) => expect(thrown).toMatchObject(UNAVAILABLE),
        );
      }
    };
    const writers = Array.from({ length: 4 }, write);
    await waitFor("some are written", () => kept.length > 20);
    await server().kill();
    await server().restart();
    const before = kept.length;
    await waitFor("it goes on", () => kept.length > before + 20);
    isOver = true;
    await Promise.all(writers);
    const there = new Set((await documents.find()).map(({ _id }) => _id));
    expect(kept.filter((id) => !there.has(id))).toEqual([]);
  });

  test("a server that stands still ends no question later than its time, and is used again when it goes on", async () => {
    const documents = things(otherDatabase(server().url));
    await documents.insert({ _id: "a", n: 0 });
    await server().pause();
    const begun = performance.now();
    try {
      const asked = [
        documents.get("a"),
        documents.list({ index: "none", equals: {}, limit: 1 }).catch(() => 0),
      ];
      await expect(asked[0]).rejects.toMatchObject(UNAVAILABLE);
      await expect(documents.compareAndSet("a", {}, { $inc: { n: 1 } })).rejects.toMatchObject(UNAVAILABLE);
      expect(performance.now() - begun).toBeLessThan(60_000);
    } finally {
      server().resume();
    }
    const found = await waitFor("it answers", () => documents.get("a").catch(() => undefined));
    // What was not answered may have been done: once.
    expect([0, 1]).toContain(found.n);
  });

  test("connections that are cut while nobody uses them cost nobody an error", async () => {
    const { proxy, through } = await behindProxy();
    await Promise.all([1, 2, 3].map((n) => through.insert({ _id: `${n}` })));
    proxy.cut();
    expect(await through.get("1")).toEqual({ _id: "1" });
    proxy.cut();
    await through.insert({ _id: "4" });
  });

  /** Through the proxy, given up so soon that the driver's own repetition, which goes on, has no one who hears it. */
  async function impatient(url: string) {
    const documents = opened(url, { patience: { ...QUICK, operationMs: 1_000 } }).documents<Thing>(THINGS);
    // The first question waits for its connection, too.
    await waitFor("it is connected", () =>
      documents.get("nobody").then(
        () => true,
        () => false,
      ),
    );
    return documents;
  }

  test("a change whose answer is lost is found again, also when others have changed the document since", async () => {
    const { proxy, url, beside } = await behindProxy();
    const [through, other] = [await impatient(url), await impatient(url)];
    await beside.insert({ _id: "a", n: 1 });
    proxy.swallow("client");
    const changing = through.compareAndSet("a", { n: 1 }, { $set: { n: 2 } });
    await waitFor("it is done", async () => (await beside.get("a"))?.n === 2);
    await beside.compareAndSet("a", { n: 2 }, { $set: { n: 3 } });
    // Begun later, so that the change is given up when this is.
    await expect(other.get("a")).rejects.toMatchObject(UNAVAILABLE);
    await proxy.heal();
    proxy.cut();
    expect(await changing).toEqual({ _id: "a", n: 3 });
  });

  test("a change that never arrived is made when the server is back, once", async () => {
    const { proxy, url, beside } = await behindProxy();
    const [through, other] = [await impatient(url), await impatient(url)];
    await beside.insert({ _id: "a", n: 1 });
    proxy.swallow("server");
    const changing = through.compareAndSet("a", {}, { $inc: { n: 1 } });
    await expect(other.get("a")).rejects.toMatchObject(UNAVAILABLE);
    await proxy.heal();
    // The driver repeats it as well.
    proxy.cut();
    expect(await changing).toEqual({ _id: "a", n: 2 });
    await other.insert({ _id: "b" });
    expect(await beside.get("a")).toEqual({ _id: "a", n: 2 });
  });

  test("a change that arrives late, when it has been repeated already, is made once", async () => {
    const url = otherDatabase(server().url);
    const patience = { ...QUICK, answerMs: 60_000, operationMs: 1_000 };
    const documents = opened(url, { patience }).documents<Thing>(THINGS);
    await things(url, false).insert({ _id: "a", n: 1 });
    await waitFor("it is connected", () => documents.get("a").catch(() => false as const));
    const changed = beside(url, (client) =>
      client.withSession(async (session) => {
        session.startTransaction();
        const stored = client.db().collection<Thing>("things");
        await stored.updateOne({ _id: "a" }, { $set: { owner: "in the way" } }, { session });
        const changing = documents.compareAndSet("a", {}, { $inc: { n: 1 } });
        // PostgreSQL's processes say in their names what they do.
        const waiting = () =>
          familyOf(server().pid).filter((pid) => /postgres: .* waiting/.test(commandLineOf(pid)));
        await waitFor("it is repeated behind itself", () => waiting().length >= 2);
        await session.abortTransaction();
        return changing;
      }),
    );
    expect(await changed).toEqual({ _id: "a", n: 2 });
    expect(await documents.compareAndSet("a", {}, { $set: { owner: "next" } })).toMatchObject({ n: 2 });
  });

  test("an insert whose answer is lost is no duplicate of itself, and one of another is", async () => {
    const { proxy, url, beside } = await behindProxy();
    const [through, other] = [await impatient(url), await impatient(url)];
    proxy.swallow("client");
    const inserting = through.insert({ _id: "a", n: 1 });
    await waitFor("it is there", () => beside.get("a"));
    await expect(other.get("a")).rejects.toMatchObject(UNAVAILABLE);
    await proxy.heal();
    proxy.cut();
    expect(await inserting).toEqual({ _id: "a", n: 1 });
    await expect(other.insert({ _id: "a", n: 1 })).rejects.toMatchObject({ type: "duplicate_key" });
  });

  test("of 50 who expect the same at once one wins, though they are cut off", async () => {
    const { proxy, url, beside } = await behindProxy();
    // 50 at once are many for a slow machine.
    const through = opened(url, { patience: UNHURRIED }).documents<Thing>(THINGS);
    for (let round = 0; round < 5; round += 1) {
      const _id = `t${round}`;
      await through.insert({ _id, owner: null });
      const claims = Array.from({ length: 50 }, (_, n) =>
        through
          .compareAndSet(_id, { owner: null }, { $set: { owner: `${n}` } })
          .then((won) => (won ? `${n}` : null)),
      );
      await waitFor("one has won", async () => (await beside.get(_id))?.owner);
      proxy.cut();
      const outcomes = await Promise.all(claims);
      expect(outcomes.filter((won) => won !== null)).toEqual([(await beside.get(_id))?.owner]);
    }
  });

  test("close ends in bounded time whatever the server does, can be repeated, and refuses what comes behind", async () => {
    const url = otherDatabase(server().url);
    const mongo = opened(url, { patience: QUICK });
    const documents = mongo.documents<Thing>(THINGS);
    await documents.insert({ _id: "a" });
    expect(await mongo.check()).toEqual([]);
    await server().pause();
    const waiting = documents.get("a").catch((thrown: unknown) => thrown);
    try {
      await Promise.all([mongo.close(), mongo.close()]);
    } finally {
      server().resume();
    }
    expect(await waiting).toMatchObject(UNAVAILABLE);
    await expect(documents.insert({ _id: "b" })).rejects.toMatchObject(UNAVAILABLE);
    expect(await mongo.check()).toEqual([expect.stringMatching(/shutting down/)]);
  });
});
