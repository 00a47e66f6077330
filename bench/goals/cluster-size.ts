// P4 and P11 of a cluster: a thousand readers through three gateways, and whether a run costs more where much is stored.

import type { ClusterBench } from "../measure/bench.ts";
import { type Row, row } from "../measure/row.ts";
import { FEW, MANY, storeSessions } from "../measure/stored-sessions.ts";
import { crowd } from "./paced-streams.ts";
import { plainTurns } from "./turns.ts";

const GATEWAYS = 3;

export async function crowdOverGateways(bench: ClusterBench): Promise<Row[]> {
  if (!bench.product) return [];
  const product = await bench.startProduct({ users: 8, gateways: GATEWAYS });
  try {
    return [await crowd(bench, product, `1000 streams × 20/s through ${GATEWAYS} gateways: token delay p99`)];
  } finally {
    await product.stop();
  }
}

/** CPU time of a turn, all servers counted, with few and with many sessions in the stores. */
export async function storedSessions(bench: ClusterBench): Promise<Row[]> {
  if (!bench.product) return [];
  const [few, many] = [await bench.startProduct({ users: 8 }), await bench.startProduct({ users: 8 })];
  try {
    await storeSessions(few, FEW);
    await storeSessions(many, MANY);
    const load = plainTurns(bench.options.windowMs);
    const cost = ({ cpuMs, turns }: { cpuMs: number; turns: number }) => cpuMs / turns;
    const rounds = { few: [] as number[], many: [] as number[] };
    const faults: string[] = [];
    for (let round = 0; round < bench.options.rounds; round++)
      for (const which of round % 2 === 0 ? (["few", "many"] as const) : (["many", "few"] as const)) {
        const measured = await bench.load.run(which === "few" ? few : many, load);
        faults.push(...measured.faults);
        rounds[which].push(cost(measured));
      }
    return [
      row({
        goal: "P11",
        what: `CPU of a turn with ${MANY} sessions stored`,
        unit: "ms",
        ours: rounds.many,
        references: { [`${FEW} sessions`]: rounds.few },
        target: { against: `${FEW} sessions`, atMost: 1.2 },
        notes: faults,
      }),
    ];
  } finally {
    await Promise.all([few.stop(), many.stop()]);
  }
}
