// Fills the stores of a cluster with what many sessions have left, straight on the servers: copies of a session that a turn has
// made, with its page, its run and its rows.
import { type Collection, MongoClient } from "mongodb";
import pg from "pg";
import type { ClusterProduct } from "./cluster-product.ts";

/** What P11 compares. */
export const FEW = 10;
export const MANY = 100_000;

type Stored = { _id: string; session_id?: string; user_id?: string };

/** Documents of one insert. */
const BATCH = 2_000;

/** @param count sessions that are there afterwards besides those of the templates */
export async function storeSessions(
  { addresses, url, target }: ClusterProduct,
  count: number,
): Promise<void> {
  const { bearers } = await target();
  await oneTurn(url, bearers[0] ?? "");
  const client = new MongoClient(addresses.MONGO_URL ?? "");
  try {
    const database = client.db();
    const sessions = database.collection<Stored>("sessions");
    const session = await sessions.findOne();
    if (!session) throw new Error("a turn has left no session");
    const pages = database.collection<Stored>("message_pages");
    const runs = database.collection<Stored>("runs");
    const page = await pages.findOne({ _id: `${session._id}:000001` });
    const run = await runs.findOne({ session_id: session._id });
    const idOf = (template: string, number: number) =>
      template.slice(0, -8) + number.toString(16).padStart(8, "0");
    const copy = (template: Stored | null, into: Collection<Stored>) =>
      template === null
        ? Promise.resolve()
        : inBatches(
            count,
            (number) => {
              const session_id = idOf(session._id, number);
              if (into === sessions) return { ...template, _id: session_id };
              if (into === pages) return { ...template, _id: template._id.replace(session._id, session_id) };
              return { ...template, _id: idOf(template._id, number), session_id };
            },
            into,
          );
    await copy(session, sessions);
    await copy(page, pages);
    await copy(run, runs);
    if (run) await storeLedger(addresses.POSTGRES_URL ?? "", run._id, count);
  } finally {
    await client.close();
  }
}

/** A row of the ledger a run, as the template's. */
async function storeLedger(url: string, template: string, count: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ columns: string }>(
      `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
       WHERE table_name = 'ledger' AND column_name <> 'run_id'`,
    );
    const columns = rows[0]?.columns;
    await client.query(
      `INSERT INTO ledger (run_id, ${columns}) SELECT 'run_stored_' || number, ${columns}
       FROM ledger, generate_series(1, ${count}) AS number WHERE run_id = $1`,
      [template],
    );
  } finally {
    await client.end();
  }
}

async function inBatches(
  count: number,
  make: (number: number) => Stored,
  into: Collection<Stored>,
): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await into.insertMany(Array.from({ length: size }, (_, index) => make(from + index)));
  }
}

async function oneTurn(url: string, bearer: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/agent/chat/sync`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ message: "bench n=8 r=0 think=0 tool=none." }),
  });
  if (!answer.ok) throw new Error(`a turn failed: ${answer.status} ${await answer.text()}`);
}
