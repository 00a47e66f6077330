// What one durable write costs on each server of a cluster, its way there and back included, and on the disk of a machine: what correctness has to pay, whoever
// asks. Measured in the same run and between the same loads.
import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { MongoClient } from "mongodb";
import { connect } from "nats";
import pg from "pg";
import type { ClusterProduct } from "./cluster-product.ts";
import { durableCommit } from "./disk.ts";
import { median } from "./statistics.ts";

export type CommitCosts = { postgres: number; mongo: number; jetstream: number; disk: number };

const COMMITS = 100;
const NAME = "macjarvis_bench";

/** Milliseconds, the median of some. */
export async function commitCosts({ addresses }: ClusterProduct): Promise<CommitCosts> {
  return {
    postgres: await onPostgres(addresses.POSTGRES_URL ?? ""),
    mongo: await onMongo(addresses.MONGO_URL ?? ""),
    jetstream: await onJetStream(addresses.NATS_URL ?? ""),
    disk: await durableCommit(),
  };
}

async function timed(commit: (number: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < COMMITS; number += 1) {
    const beganAt = performance.now();
    await commit(number);
    times.push(performance.now() - beganAt);
  }
  return median(times);
}

async function onPostgres(url: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS ${NAME} (text text)`);
    return await timed(() => client.query(`INSERT INTO ${NAME} VALUES ('a row')`));
  } finally {
    await client.query(`DROP TABLE ${NAME}`);
    await client.end();
  }
}

async function onMongo(url: string): Promise<number> {
  const client = new MongoClient(url, { writeConcern: { w: "majority", journal: true } });
  const collection = client.db().collection(NAME);
  try {
    await collection.insertOne({ text: "a document" });
    return await timed(() => collection.insertOne({ text: "a document" }));
  } finally {
    await collection.drop();
    await client.close();
  }
}

async function onJetStream(servers: string): Promise<number> {
  const connection = await connect({ servers });
  const { streams } = await jetstreamManager(connection);
  try {
    await streams.add({ name: NAME, subjects: [NAME], storage: StorageType.File });
    const client = jetstream(connection);
    return await timed(() => client.publish(NAME, "an event"));
  } finally {
    await streams.delete(NAME);
    await connection.close();
  }
}
