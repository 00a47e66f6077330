// P1: the time that a system adds to the first token, one turn after the other, against minagent and one durable commit of the
// same disk: minagent keeps nothing.

import { alternate, type Bench, faultsOf, type Rounds, valuesOf } from "../measure/bench.ts";
import { durableCommit } from "../measure/disk.ts";
import { type Row, row } from "../measure/row.ts";
import { median } from "../measure/statistics.ts";

const TOKENS = 8;
const WITH_COMMIT = "minagent + commit";
/** A model that thinks gives a system the time to do what need not come before the first token. */
const THINK_MS = 25;

export async function firstToken(bench: Bench): Promise<Row[]> {
  return [
    await measure(bench, 0, "added time to first token p50", { against: WITH_COMMIT, atMost: 1.5 }),
    await measure(bench, THINK_MS, `the same, the model thinks ${THINK_MS} ms`, undefined),
  ];
}

async function measure(
  bench: Bench,
  thinkMs: number,
  what: string,
  target: { against: string; atMost: number } | undefined,
): Promise<Row> {
  const { direct, pipe, agent } = bench.references;
  const rounds = await alternate(bench, [direct, pipe, agent, bench.product], {
    shape: "turns",
    workers: 1,
    warmUpMs: 500,
    turns: thinkMs === 0 ? bench.options.turns : Math.ceil(bench.options.turns / 2),
    streamed: true,
    script: { tokens: TOKENS, rate: 0, thinkMs },
  });
  const { ours, references } = valuesOf(rounds, (measured, round) => {
    // What client and upstream need without anything between them is nobody's.
    return measured.addedMs.p50 - (rounds.direct[round]?.addedMs.p50 ?? 0);
  });
  delete references.direct;
  references.commit = [];
  for (const _round of rounds.minagent) references.commit.push(await durableCommit());
  references[WITH_COMMIT] = (references.minagent ?? []).map((ms, at) => ms + (references.commit?.[at] ?? 0));
  return row({
    goal: "P1",
    what,
    unit: "ms",
    ours,
    references,
    ...(target ? { target } : {}),
    notes: waysOf(rounds),
  });
}

/** Where the time went, on the way in and on the way out. */
export function waysOf(rounds: Rounds): string[] {
  const ways = Object.entries(rounds).flatMap(([name, measured]) => {
    if (measured.length === 0) return [];
    const wayIn = median(measured.map((outcome) => outcome.wayInMs));
    const wayOut = median(measured.map((outcome) => outcome.wayOutMs));
    const p99 = median(measured.map((outcome) => outcome.addedMs.p99));
    return [`${name}: in ${wayIn.toFixed(2)}, out ${wayOut.toFixed(2)}, p99 ${p99.toFixed(1)} ms`];
  });
  return [ways.join("; "), ...faultsOf(rounds)];
}
