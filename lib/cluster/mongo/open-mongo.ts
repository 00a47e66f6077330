// MongoDB for a process: one client for its URL, the collections of its services, and what a start must know. What is written is on the
// disks of most members when it answers, and nothing is read that a change of primary could take back.
import { type Db, type MongoClient, ReadConcern } from "mongodb";
import { toError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { DocumentAdapter } from "../../ports/document-adapter.ts";
import type { CollectionSpec, Document } from "../../ports/documents.ts";
import { aheadMs } from "../clocks.ts";
import { checkServer } from "./check-server.ts";
import { requireKnownForm } from "./known-form.ts";
import { type Connection, MongoDocuments } from "./mongo-documents.ts";
import { makeClient, PATIENCE, type Patience } from "./mongo-url.ts";
import { OpenAsks } from "./open-asks.ts";

export type MongoOptions = {
  /** `MONGO_URL`; the database in it, else `macjarvis`. */
  url: string;
  /** Of this process, as the server shows it among its connections. */
  name?: string;
  log?: Pick<Log, "info" | "warn">;
  /** At most so many at once to each member. */
  connections?: number;
  /** How long a start waits for a server that is away. */
  startPatienceMs?: number;
  patience?: Patience;
};

export type Mongo = {
  documents<T extends Document>(spec: CollectionSpec): DocumentAdapter<T>;
  /** Answers when the server and what was opened of it can be used. @throws Error in words for whoever starts the process */
  ready(): Promise<void>;
  /** What does not answer now, in words; empty when all is well. */
  check(): Promise<string[]>;
  /** By how much its clock is ahead of this process's. */
  clockAheadMs(): Promise<number>;
  version(): Promise<string>;
  /** Documents of a collection as they are stored, for who only looks: none where there is no such collection. */
  look(collection: string, where: Record<string, unknown>, most: number): Promise<Record<string, unknown>[]>;
  /** Lets what runs end, in bounded time. Nothing can be asked afterwards. Safe to repeat. */
  close(): Promise<void>;
};

const NAME = "macjarvis";
const CONNECTIONS = 50;
const START_PATIENCE_MS = 30_000;
/** Making an index may take long, and others wait for it at their start. */
const INDEX_MS = 10 * 60_000;

/** Opens no connection yet. @throws Error in words when the URL cannot be used */
export function openMongo(options: MongoOptions): Mongo {
  const { url, name = NAME, connections = CONNECTIONS, startPatienceMs = START_PATIENCE_MS } = options;
  const { patience = PATIENCE, log } = options;
  const client = makeClient({ url, name, connections, patience });
  if (log) tellOfPrimary(client, log);
  const db = durable(client, url);
  const asks = new OpenAsks(patience.operationMs);
  const collections = new Map<string, MongoDocuments<Document>>();
  let server: Promise<void> | undefined;
  const serverReady = () => {
    server ??= checkServer(client, db, { patienceMs: startPatienceMs, isOver: () => asks.isClosed })
      .then(() => asks.run(() => requireKnownForm(db)))
      .catch((thrown: unknown) => {
        // Whoever asks later asks anew.
        server = undefined;
        throw thrown;
      });
    return server;
  };
  const connection: Connection = {
    collection: (of) => db.collection(of),
    ready: serverReady,
    ask: (work) => asks.run(work),
    isClosed: () => asks.isClosed,
    limits: { operationMs: patience.answerMs, indexMs: INDEX_MS },
  };
  let closed: Promise<void> | undefined;
  return {
    documents<T extends Document>(spec: CollectionSpec) {
      const known = collections.get(spec.name) ?? new MongoDocuments<Document>(connection, spec);
      collections.set(spec.name, known);
      return known as unknown as DocumentAdapter<T>;
    },
    async ready() {
      await serverReady();
      await Promise.all([...collections.values()].map((collection) => collection.connect()));
    },
    async check() {
      const ping = async () => {
        await client.connect();
        await db.command({ ping: 1 }, { readPreference: "primary" });
      };
      return asks.run(ping).then(
        () => [],
        (thrown) => [`MongoDB: ${toError(thrown).message}`],
      );
    },
    clockAheadMs: () =>
      aheadMs(async () => Number((await asks.run(() => db.command({ hello: 1 }))).localTime)),
    version: async () => String((await asks.run(() => db.command({ buildInfo: 1 }))).version),
    look: (collection, where, most) =>
      asks.run(() => db.collection(collection).find(where).limit(most).toArray()),
    close() {
      closed ??= asks.close(() => client.close());
      return closed;
    },
  };
}

/** Whatever the URL says of it. */
function durable(client: MongoClient, url: string): Db {
  // The driver's own name for a database that is not named is "test".
  const isNamed = /^[^/]+\/\/[^/?]+\/[^?]/.test(url);
  return client.db(isNamed ? undefined : NAME, {
    writeConcern: { w: "majority", journal: true },
    readConcern: new ReadConcern("majority"),
    readPreference: "primary",
  });
}

function tellOfPrimary(client: MongoClient, log: NonNullable<MongoOptions["log"]>): void {
  let hadOne: boolean | undefined;
  client.on("topologyDescriptionChanged", ({ newDescription }) => {
    const hasOne = [...newDescription.servers.values()].some(({ isWritable }) => isWritable);
    if (hadOne === true && !hasOne) log.warn("MongoDB has no primary that can be reached");
    if (hadOne === false && hasOne) log.info("MongoDB has a primary again");
    if (hasOne || hadOne) hadOne = hasOne;
  });
}
