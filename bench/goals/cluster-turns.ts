// P1 and P7 of a cluster: the first token of a plain turn, and of one with a tool on another process or on a Mac, against natsagent, which stores
// nothing, and the writes that correctness needs on the servers of the same run.
import { alternate, type ClusterBench, type MacBench, type Rounds, valuesOf } from "../measure/bench.ts";
import { type CommitCosts, commitCosts } from "../measure/commit-costs.ts";
import type { Load, Measured } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";
import { waysOf } from "./first-token.ts";

/**
 * Writes before the first token, as the code makes them: hold and audit; run document, session and its message; the event that it has begun
 * (services/agent/moments/accept.ts).
 */
const ACCEPT: CommitCosts = { postgres: 2, mongo: 3, jetstream: 1, disk: 0 };
/** And before the first token behind a tool: audit of its begin and end; step, call, its begin and its end; its two events. */
const TOOL: CommitCosts = { postgres: 2, mongo: 4, jetstream: 2, disk: 0 };
/** And for one on a Mac: the end of its record at the server, and in its own journal. */
const ON_MAC: CommitCosts = { postgres: 1, mongo: 0, jetstream: 0, disk: 1 };
/** Of a round with a Mac, which has three systems. */
const MOST_TURNS = 100;

export async function clusterFirstToken(bench: ClusterBench): Promise<Row[]> {
  const { direct, pipe, agent } = bench.references;
  const rounds = await alternate(bench, [direct, pipe, agent, bench.product], plain(bench));
  const { ours, references } = valuesOf(
    rounds,
    // What client and upstream need without anything between them is nobody's.
    (measured, round) => measured.addedMs.p50 - (rounds.direct[round]?.addedMs.p50 ?? 0),
  );
  delete references.direct;
  const what = { goal: "P1", what: "added time to first token p50", ours, references };
  return [await withCommits(what, bench.product, ACCEPT, rounds)];
}

export async function toolElsewhere(bench: ClusterBench): Promise<Row[]> {
  const rounds = await alternate(bench, [bench.references.agent, bench.product], withTool(bench));
  const what = { goal: "P7", what: "first token p50 behind a tool on another process" };
  const values = valuesOf(rounds, firstToken);
  return [await withCommits({ ...what, ...values }, bench.product, sum(ACCEPT, TOOL), rounds)];
}

/** The same product with a process of its own for tools beside it: what the way to a Mac costs. */
export async function toolOnMac(bench: MacBench): Promise<Row[]> {
  const { product, mac } = bench.macs;
  const load = withTool(bench, Math.min(bench.options.turns, MOST_TURNS));
  const rounds = await alternate(bench, [bench.references.agent, product, mac], load);
  const what = { goal: "P7", what: "first token p50 behind a tool on a Mac" };
  const values = valuesOf(rounds, firstToken, "mac");
  return [await withCommits({ ...what, ...values }, product, sum(ACCEPT, TOOL, ON_MAC), rounds)];
}

/** The upstream is asked twice. */
const firstToken = ({ firstTokenMs }: Measured) => firstTokenMs.p50;

function plain({ options }: Pick<ClusterBench, "options">, turns = options.turns): Load {
  const script = { tokens: 8, rate: 0, thinkMs: 0 };
  return { shape: "turns", workers: 1, warmUpMs: 1_000, turns, streamed: true, script };
}

function withTool(bench: Pick<ClusterBench, "options">, turns?: number): Load {
  const load = plain(bench, turns);
  return { ...load, script: { ...load.script, tool: "bench_now" }, tools: ["bench_now"] };
}

function sum(...all: CommitCosts[]): CommitCosts {
  const of = (name: keyof CommitCosts) => all.reduce((total, costs) => total + costs[name], 0);
  return { postgres: of("postgres"), mongo: of("mongo"), jetstream: of("jetstream"), disk: of("disk") };
}

type Values = { goal: string; what: string; ours: number[]; references: Record<string, number[]> };

/** Against natsagent, which stores nothing, and what so many durable writes cost on the servers of the product. */
async function withCommits(
  { goal, what, ours, references }: Values,
  product: ClusterBench["product"],
  commits: CommitCosts,
  rounds: Rounds,
): Promise<Row> {
  const costs: CommitCosts[] = [];
  if (product) for (const _round of ours) costs.push(await commitCosts(product));
  const names = (Object.keys(commits) as (keyof CommitCosts)[]).filter((name) => commits[name] > 0);
  references.commits = costs.map((cost) =>
    names.reduce((total, name) => total + commits[name] * cost[name], 0),
  );
  const limit = "1.5 natsagent + commits";
  references[limit] = (references.natsagent ?? []).map(
    (ms, at) => 1.5 * ms + (references.commits?.[at] ?? 0),
  );
  const counted = names.map(
    (name) => `${commits[name]} on ${name} of ${costs.map((cost) => cost[name].toFixed(2)).join(", ")} ms`,
  );
  return row({
    ...{ goal, what, unit: "ms", ours, references },
    target: { against: limit, atMost: 1 },
    notes: [`commits: ${counted.join("; ")}`, ...waysOf(rounds)],
  });
}
