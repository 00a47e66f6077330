// The stores as chaos looks at them beside the product: what is still open, and who owns it.
import { type Document, MongoClient } from "mongodb";
import pg from "pg";
import type { Cluster } from "../../support/cluster.ts";

export type OpenRun = { _id: string; status: string; owner: string | null; epoch: number };

export class Stores {
  readonly #mongo: MongoClient;
  readonly #postgres: string;

  constructor({ settings }: Cluster) {
    const { MONGO_URL = "", POSTGRES_URL = "" } = settings;
    this.#mongo = new MongoClient(MONGO_URL, { serverSelectionTimeoutMS: 5_000, socketTimeoutMS: 5_000 });
    this.#postgres = POSTGRES_URL;
  }

  /** Runs that have not come to their end. @param owner of this process only */
  async openRuns(owner?: string): Promise<OpenRun[]> {
    const runs = this.#mongo.db().collection<Document & OpenRun>("runs");
    return runs.find({ open: 1, ...(owner === undefined ? {} : { owner }) }).toArray();
  }

  async holds(): Promise<number> {
    const client = new pg.Client(this.#postgres);
    await client.connect();
    const { rows } = await client.query("SELECT run_id FROM holds").finally(() => client.end());
    return rows.length;
  }

  close(): Promise<void> {
    return this.#mongo.close();
  }
}
