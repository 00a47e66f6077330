// How soon what a command prints is at whoever reads the run: on a Mac, and beside it on a process of the cluster.
import { alternate, faultsOf, type MacBench, type Rounds } from "../measure/bench.ts";
import type { Load } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";

/** Each prints for half a second. */
const TURNS = 10;

export async function output(bench: MacBench): Promise<Row[]> {
  const { product, mac } = bench.macs;
  const load: Load = {
    ...{ shape: "turns", workers: 1, warmUpMs: 1_000, turns: TURNS, streamed: true },
    ...{ script: { tokens: 8, rate: 0, thinkMs: 0, tool: "bench_print" }, tools: ["bench_print"] },
  };
  const rounds = await alternate(bench, [product, mac], load);
  return [outputRow("p50", rounds), outputRow("p95", rounds, 50)];
}

function outputRow(share: "p50" | "p95", rounds: Rounds, atMost?: number): Row {
  const of = (name: "mac" | "macjarvis") => rounds[name].map(({ outputMs }) => outputMs[share]);
  return row({
    ...{ goal: "OUTPUT", what: `a printed line on a Mac to the reader of the run ${share}`, unit: "ms" },
    ...{ ours: of("mac"), references: { "a node of the cluster": of("macjarvis") } },
    ...(atMost === undefined ? {} : { target: { atMost } }),
    notes: faultsOf(rounds),
  });
}
