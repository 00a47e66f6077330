// P1 and P7 of a cluster: the first token of a plain turn, and of one with a tool on another process, against natsagent, which stores
// nothing, and the writes that correctness needs on the servers of the same run.
import { alternate, type ClusterBench, type Rounds, valuesOf } from "../measure/bench.ts";
import { type CommitCosts, commitCosts } from "../measure/commit-costs.ts";
import type { Load, Measured } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";
import { waysOf } from "./first-token.ts";

/**
 * Writes before the first token, as the code makes them: hold and audit; run document, session and its message; the event that it has begun
 * (services/agent/moments/accept.ts).
 */
const ACCEPT: CommitCosts = { postgres: 2, mongo: 3, jetstream: 1 };
/** And before the first token behind a tool: audit of its begin and end; step, call, its begin and its end; its two events. */
const TOOL: CommitCosts = { postgres: 2, mongo: 4, jetstream: 2 };

export async function clusterFirstToken(bench: ClusterBench): Promise<Row[]> {
  return [await measure(bench, "P1", "added time to first token p50", ACCEPT)];
}

export async function toolElsewhere(bench: ClusterBench): Promise<Row[]> {
  const both = {
    postgres: ACCEPT.postgres + TOOL.postgres,
    mongo: ACCEPT.mongo + TOOL.mongo,
    jetstream: ACCEPT.jetstream + TOOL.jetstream,
  };
  return [await measure(bench, "P7", "first token p50 behind a tool on another process", both, "bench_now")];
}

async function measure(
  bench: ClusterBench,
  goal: "P1" | "P7",
  what: string,
  commits: CommitCosts,
  tool?: string,
): Promise<Row> {
  const { direct, pipe, agent } = bench.references;
  const load: Load = {
    ...{ shape: "turns", workers: 1, warmUpMs: 1_000, turns: bench.options.turns, streamed: true },
    script: { tokens: 8, rate: 0, thinkMs: 0, ...(tool ? { tool } : {}) },
    ...(tool ? { tools: [tool] } : {}),
  };
  const systems = tool ? [agent, bench.product] : [direct, pipe, agent, bench.product];
  const rounds = await alternate(bench, systems, load);
  const { ours, references } = valuesOf(rounds, (measured, round) => timeOf(rounds, measured, round, tool));
  delete references.direct;
  const costs: CommitCosts[] = [];
  if (bench.product) for (const _round of ours) costs.push(await commitCosts(bench.product));
  references.commits = costs.map(
    (cost) =>
      commits.postgres * cost.postgres + commits.mongo * cost.mongo + commits.jetstream * cost.jetstream,
  );
  const limit = "1.5 natsagent + commits";
  references[limit] = (references.natsagent ?? []).map(
    (ms, at) => 1.5 * ms + (references.commits?.[at] ?? 0),
  );
  const counted = Object.entries(commits).map(
    ([name, count]) =>
      `${count} on ${name} of ${costs.map((cost) => cost[name as keyof CommitCosts].toFixed(2)).join(", ")} ms`,
  );
  return row({
    ...{ goal, what, unit: "ms", ours, references },
    target: { against: limit, atMost: 1 },
    notes: [`commits: ${counted.join("; ")}`, ...waysOf(rounds)],
  });
}

/** What client and upstream need without anything between them is nobody's; with a tool the upstream is asked twice. */
function timeOf(rounds: Rounds, measured: Measured, round: number, tool?: string): number {
  return tool ? measured.firstTokenMs.p50 : measured.addedMs.p50 - (rounds.direct[round]?.addedMs.p50 ?? 0);
}
