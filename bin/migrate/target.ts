// The stores of the cluster that a data folder is moved into: PostgreSQL, MongoDB and JetStream. Redis has nothing that is kept.
import type { RunId } from "../../contracts/ids.ts";
import { openMongo } from "../../lib/cluster/mongo/open-mongo.ts";
import { ImportEvents } from "../../lib/cluster/nats/events/import-events.ts";
import { copiesFor } from "../../lib/cluster/nats/nats-address.ts";
import { type NatsConfig, openNatsConfig } from "../../lib/cluster/nats/nats-config.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { ImportTables } from "../../lib/cluster/postgres/import-tables.ts";
import { openPostgres, type Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { openS3 } from "../../lib/cluster/s3/open-s3.ts";
import type { DocumentAdapter } from "../../lib/ports/document-adapter.ts";
import type { CollectionSpec, Document } from "../../lib/ports/documents.ts";
import type { Objects } from "../../lib/ports/objects.ts";
import { OWNERS } from "../../services/agent/ownership/leased-owners.ts";
import { fileObjects } from "./copy-objects.ts";
import { COLLECTIONS, MIGRATIONS } from "./known-stores.ts";
import type { Settings } from "./settings.ts";
import { EVENTS, OBJECTS, SETTINGS, type Side, type Tables } from "./survey.ts";

const NAME = "macjarvis migrate";
const PAGE = 50;
/** Filled by a migration itself. */
const SEEDED = new Set(["roles"]);

export type Target = Side & {
  postgres: Postgres;
  tables: ImportTables;
  collection(spec: CollectionSpec): DocumentAdapter<Document>;
  stream: ImportEvents;
  config: NatsConfig;
  /** The S3 store, where one is set. */
  store: Objects | undefined;
  close(): Promise<void>;
};

/** @throws Error in words for whoever moves: a server that is away, refuses the password, … */
export async function openTarget(cluster: Settings["cluster"]): Promise<Target> {
  const opened = new AsyncDisposableStack();
  try {
    const postgres = openPostgres({ url: cluster.postgres, name: NAME });
    opened.defer(() => postgres.close());
    await postgres.ready();
    const mongo = openMongo({ url: cluster.mongo, name: NAME });
    opened.defer(() => mongo.close());
    await mongo.ready();
    const credentials = cluster.natsCredentials ? { credentialsFile: cluster.natsCredentials } : {};
    const nats = await openNats({ url: cluster.nats, name: NAME, ...credentials });
    opened.defer(() => nats.close());
    const copies = { replicas: copiesFor(cluster.nats) };
    const stream = await ImportEvents.open(nats, copies);
    opened.defer(() => stream.close());
    const config = await openNatsConfig(nats, copies);
    opened.defer(() => config.close());
    const s3 = cluster.s3 === undefined ? undefined : openS3({ url: cluster.s3 });
    if (s3) opened.defer(() => s3.close());
    const problem = await s3?.check();
    if (problem !== undefined) throw new Error(problem);
    const store = s3?.objects;
    const tables = new ImportTables(postgres);
    const collection = (spec: CollectionSpec) => mongo.documents<Document>(spec);
    return {
      ...{ postgres, tables, collection, stream, config, store },
      rows: (table, columns) => tables.rows(table, columns),
      documents: (spec) => documentsOf(collection(spec)),
      settings: async () => (await config.history()).map(({ document }) => document),
      events: (run: RunId) => stream.bytes(run),
      objects: () => fileObjects(store),
      close: () => opened.disposeAsync(),
    };
  } catch (thrown) {
    await opened.disposeAsync();
    throw thrown;
  }
}

async function* documentsOf(collection: DocumentAdapter<Document>): AsyncIterable<Document[]> {
  for (let after = ""; ; ) {
    const page = await collection.find({ query: { _id: { $gt: after } }, sort: "_id", limit: PAGE });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?._id ?? after;
  }
}

/** @param names of tables. @returns what of ours is there already; nothing in a new cluster, also where its tables were made before */
export async function contentsOf(target: Target, names: string[]): Promise<string[]> {
  const { tables, collection, stream, config, store } = target;
  const found: string[] = [];
  const made = await tables.columns();
  for (const table of names)
    if (made.has(table) && !SEEDED.has(table) && !(await tables.isEmpty(table))) found.push(table);
  for (const spec of [...COLLECTIONS, OWNERS])
    if ((await collection(spec).count()) > 0) found.push(spec.name);
  if ((await stream.runs()).length > 0) found.push(EVENTS);
  if (await config.read()) found.push(SETTINGS);
  for await (const page of fileObjects(store)) {
    if (page.length > 0) found.push(OBJECTS);
    break;
  }
  return found;
}

/** Makes what a cluster of this version has. @returns those tables that the data folder has too */
export async function makeTables({ postgres, tables }: Target, wanted: string[]): Promise<Tables> {
  for (const [service, migrations] of Object.entries(MIGRATIONS)) await postgres.migrate(service, migrations);
  const made = await tables.columns();
  return new Map([...made].filter(([table]) => wanted.includes(table)));
}
