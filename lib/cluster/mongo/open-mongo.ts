// MongoDB for a process: one client for its URL, the collections of its services, and what a start must know. What is written is on the
// disks of most members when it answers, and nothing is read that a change of primary could take back.
import { toError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Metrics } from "../../metrics.ts";
import type { DocumentAdapter } from "../../ports/document-adapter.ts";
import type { CollectionSpec, Document } from "../../ports/documents.ts";
import { aheadMs } from "../clocks.ts";
import { countedIn } from "../store-metrics.ts";
import { checkServer } from "./check-server.ts";
import { requireKnownForm } from "./known-form.ts";
import { LastingClient } from "./lasting-client.ts";
import { type Connection, MongoDocuments } from "./mongo-documents.ts";
import { makeClient, PATIENCE, type Patience } from "./mongo-url.ts";
import { OpenAsks } from "./open-asks.ts";

export type MongoOptions = {
  /** `MONGO_URL`; the database in it, else `macjarvis`. */
  url: string;
  /** Of this process, as the server shows it among its connections. */
  name?: string;
  log?: Pick<Log, "info" | "warn">;
  metrics?: Pick<Metrics, "add">;
  /** At most so many at once to each member. */
  connections?: number;
  /** How long a start waits for a server that is away. */
  startPatienceMs?: number;
  patience?: Patience;
  /** Without a primary for so long, a new client is made. */
  renewMs?: number;
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
  const { patience = PATIENCE, log, metrics } = options;
  const counted = countedIn(metrics, "mongodb");
  const make = () => makeClient({ url, name, connections, patience });
  const lasting = new LastingClient({ url, make, log, renewMs: options.renewMs });
  const asks = new OpenAsks(patience.operationMs);
  const collections = new Map<string, MongoDocuments<Document>>();
  let server: Promise<void> | undefined;
  const serverReady = () => {
    server ??= checkServer(lasting.client, lasting.db, {
      patienceMs: startPatienceMs,
      isOver: () => asks.isClosed,
    })
      .then(() => asks.run(() => requireKnownForm(lasting.db)))
      .catch((thrown: unknown) => {
        // Whoever asks later asks anew.
        server = undefined;
        throw thrown;
      });
    return server;
  };
  const connection: Connection = {
    collection: (of) => lasting.db.collection(of),
    ready: serverReady,
    ask: (work) => counted(() => asks.run(work)),
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
        await lasting.client.connect();
        await lasting.db.command({ ping: 1 }, { readPreference: "primary" });
      };
      return asks.run(ping).then(
        () => [],
        (thrown) => [`MongoDB: ${toError(thrown).message}`],
      );
    },
    clockAheadMs: () =>
      aheadMs(async () => Number((await asks.run(() => lasting.db.command({ hello: 1 }))).localTime)),
    version: async () => String((await asks.run(() => lasting.db.command({ buildInfo: 1 }))).version),
    look: (collection, where, most) =>
      asks.run(() => lasting.db.collection(collection).find(where).limit(most).toArray()),
    close() {
      closed ??= asks.close(() => lasting.close());
      return closed;
    },
  };
}
