// P10 of a cluster: what a plain turn writes on each of its servers.

import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import pg from "pg";
import type { ClusterBench } from "../measure/bench.ts";
import type { ClusterProduct } from "../measure/cluster-product.ts";
import type { Load } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";

/** The stream of run events (lib/cluster/nats/events). */
const STREAM = "RUNS";

export async function commitsPerTurn({ load, options, product }: ClusterBench): Promise<Row[]> {
  if (!product) return [];
  await load.run(product, turns(20));
  const before = await written(product);
  const outcome = await load.run(product, turns(options.turns, 0));
  const after = await written(product);
  return (Object.keys(after) as (keyof Written)[]).map((name) =>
    row({
      goal: "P10",
      what: `${name} per plain turn`,
      unit: "",
      ours: [(after[name] - before[name]) / outcome.turns],
      notes: outcome.faults,
    }),
  );
}

function turns(count: number, warmUpMs = 500): Load {
  const script = { tokens: 8, rate: 0, thinkMs: 0 };
  return { shape: "turns", workers: 1, warmUpMs, turns: count, streamed: true, script };
}

type Written = {
  "transactions that write, PostgreSQL": number;
  "transactions, PostgreSQL": number;
  "flushes of events, JetStream": number;
};

/** Counted by the servers themselves: each transaction that writes has a number. */
async function written({ addresses }: ClusterProduct): Promise<Written> {
  const client = new pg.Client(addresses.POSTGRES_URL);
  await client.connect();
  const { rows } = await client.query<{ xids: string; commits: string }>(
    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xids, (SELECT sum(xact_commit) FROM pg_stat_database)::text AS commits",
  );
  await client.end();
  const nats = await connect({ servers: addresses.NATS_URL ?? "" });
  try {
    return {
      "transactions that write, PostgreSQL": Number(rows[0]?.xids),
      "transactions, PostgreSQL": Number(rows[0]?.commits),
      "flushes of events, JetStream": await flushes(nats),
    };
  } finally {
    await nats.close();
  }
}

async function flushes(nats: NatsConnection): Promise<number> {
  const { streams } = await jetstreamManager(nats);
  return (await streams.info(STREAM)).state.last_seq;
}
