// What the stores of a cluster hold, for the same checks as of a data folder. The drivers are asked directly; of the product's own code
// only what knows the form of a stored document and of a stored event is used.
import { join } from "node:path";
import { type Db, MongoClient } from "mongodb";
import pg from "pg";
import type { RunId } from "../../../contracts/ids.ts";
import { StoredForm } from "../../../lib/cluster/mongo/stored-form.ts";
import { openRunEvents } from "../../../lib/cluster/nats/events/open-run-events.ts";
import { openNats } from "../../../lib/cluster/nats/open-nats.ts";
import { CONVERTERS } from "../../../lib/cluster/postgres/numbers.ts";
import type { CollectionSpec, Document } from "../../../lib/ports/documents.ts";
import { CALLS, RUNS } from "../../../services/agent/run-document.ts";
import { PAGES, SESSIONS } from "../../../services/sessions/rooms.ts";
import { type Records, type Row, readJournal, type StoredEvent } from "./records.ts";

export type ClusterStores = {
  nats: string;
  postgres: string;
  mongo: string;
  /** Data folder of the process that has the service `node`. */
  nodeHome: string;
};

export async function readClusterRecords(stores: ClusterStores): Promise<Records> {
  const [documents, tables] = await Promise.all([readDocuments(stores.mongo), readTables(stores.postgres)]);
  return {
    ...documents,
    ...tables,
    events: await readEvents(stores.nats, documents.runs),
    journal: readJournal(join(stores.nodeHome, "node")),
  };
}

async function readDocuments(url: string) {
  const client = new MongoClient(url);
  try {
    const db = client.db();
    const [runs, calls, sessions, pages] = [
      await all(db, RUNS),
      await all(db, CALLS),
      await all(db, SESSIONS),
      await all(db, PAGES),
    ];
    return { runs, calls: new Map(calls.map((call) => [String(call._id), call])), sessions, pages };
  } finally {
    await client.close();
  }
}

async function all(db: Db, spec: CollectionSpec): Promise<Row[]> {
  const form = new StoredForm<Document & Row>(spec);
  const stored = await db.collection(spec.name).find({}).toArray();
  return stored.map((document) => form.read(document));
}

async function readTables(url: string) {
  const client = new pg.Client({ connectionString: url, types: CONVERTERS });
  await client.connect();
  try {
    const rows = async (sql: string) => (await client.query<Row>(sql)).rows;
    return {
      ledger: await rows("SELECT * FROM ledger"),
      days: await rows("SELECT * FROM usage_days"),
      holds: (await rows("SELECT run_id FROM holds")).length,
      audit: await rows("SELECT * FROM audit ORDER BY writer, seq"),
    };
  } finally {
    await client.end();
  }
}

async function readEvents(url: string, runs: Row[]): Promise<Map<string, StoredEvent[]>> {
  const nats = await openNats({ url, name: "auditor" });
  const events = await openRunEvents(nats);
  try {
    const found = new Map<string, StoredEvent[]>();
    for (const { _id } of runs) {
      const stored = await events.readAll(_id as RunId);
      found.set(
        String(_id),
        stored.map(({ seq, epoch, event }) => ({
          id: seq,
          event: event.event,
          data: event.data as Row,
          epoch,
        })),
      );
    }
    return found;
  } finally {
    await events.close();
    await nats.close();
  }
}
