// P4 and P11 of a cluster: a thousand readers through three gateways, and whether a run costs more where much is stored.
import { setTimeout as sleep } from "node:timers/promises";
import { alternate, type ClusterBench } from "../measure/bench.ts";
import type { Load } from "../measure/load.ts";
import { footprint } from "../measure/process-tree.ts";
import { type Row, row } from "../measure/row.ts";
import { FEW, MANY, storeSessions } from "../measure/stored-sessions.ts";
import { delayRow, pacedLoad } from "./paced-streams.ts";

const GATEWAYS = 3;
/** A thousand readers. */
const RUNS = 50;
const READERS_EACH = 20;

export async function crowdOverGateways(bench: ClusterBench): Promise<Row[]> {
  if (!bench.product) return [];
  const product = await bench.startProduct({ users: 8, gateways: GATEWAYS });
  try {
    const rounds = await alternate(bench, [product], pacedLoad(RUNS, 20, bench, READERS_EACH));
    const what = `${RUNS} runs × 20/s, each with ${READERS_EACH} readers, through ${GATEWAYS} gateways: token delay p99`;
    return [delayRow(what, rounds)];
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
    for (const product of [few, many]) await whenQuiet(product);
    const script = { tokens: 8, rate: 0, thinkMs: 0 };
    const load: Load = {
      ...{ shape: "turns", workers: 2, warmUpMs: 3_000, turns: 2 * bench.options.turns, streamed: false },
      script,
    };
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

const LOOK_MS = 2_000;
const QUIET_SHARE = 0.25;
const MOST_LOOKS = 45;

/** What was stored is put in order by the servers afterwards. */
async function whenQuiet({ pid }: { pid: number }): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const before = footprint(pid).cpuMs;
    await sleep(LOOK_MS);
    if (footprint(pid).cpuMs - before < QUIET_SHARE * LOOK_MS) return;
  }
}
