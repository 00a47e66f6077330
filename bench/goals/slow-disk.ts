// P12: the event loop never waits for the disk. The same product twice, once with 20 ms added to each sync by slow-sync/: what
// that does to the gaps between tokens of other users' streams while turns commit all the time, and to a turn among others.
import type { Bench } from "../measure/bench.ts";
import { type Load, LoadClient, type Measured } from "../measure/load.ts";
import type { Product } from "../measure/product.ts";
import { type Row, row } from "../measure/row.ts";
import { median } from "../measure/statistics.ts";
import { slowSyncLibrary } from "../slow-sync/library.ts";
import { pacedLoad } from "./paced-streams.ts";

const ADDED_MS = 20;
const STREAMS = 50;
const OTHERS = 8;
/** Slow enough that the core is not full: what is measured is waiting. */
const THINK_MS = 200;

type Round = { streams: Measured; turns: Measured; alone: Measured };

export async function slowDisk(bench: Bench): Promise<Row[]> {
  const { library, obstacle } = slowSyncLibrary();
  if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);
  if (!bench.product || !library) return [];
  const env = { LD_PRELOAD: library, SYNC_DELAY_US: String(ADDED_MS * 1_000) };
  const [plain, slow] = [
    await bench.startProduct({ users: OTHERS }),
    await bench.startProduct({ users: OTHERS, env }),
  ];
  const turning = new LoadClient();
  const rounds = { plain: [] as Round[], slow: [] as Round[] };
  try {
    for (let round = 0; round < bench.options.rounds; round++) {
      const pair = [
        async () => rounds.plain.push(await measure(bench, turning, plain)),
        async () => rounds.slow.push(await measure(bench, turning, slow)),
      ];
      for (const part of round % 2 === 0 ? pair : pair.toReversed()) await part();
    }
  } finally {
    await Promise.all([turning.stop(), plain.stop(), slow.stop()]);
  }
  return rowsOf(rounds.plain, rounds.slow);
}

/** Streams of some while others turn; then one who turns alone. */
async function measure(bench: Bench, turning: LoadClient, product: Product): Promise<Round> {
  const { windowMs } = bench.options;
  const load = pacedLoad(STREAMS, 50, bench);
  const [streams, together] = await Promise.all([
    bench.load.run(product, load),
    turning.run(product, turns(OTHERS, windowMs)),
  ]);
  return { streams, turns: together, alone: await turning.run(product, turns(1, windowMs)) };
}

function turns(workers: number, windowMs: number): Load {
  const script = { tokens: 8, rate: 0, thinkMs: THINK_MS };
  return { shape: "turns", workers, warmUpMs: 1_000, windowMs, streamed: true, script };
}

function rowsOf(plain: Round[], slow: Round[]): Row[] {
  const gaps = (round: Round) => round.streams.gapMs;
  const firstToken = (round: Round | undefined) => round?.turns.addedMs.p50 ?? 0;
  const rate = ({ turns: { turns: count, windowMs } }: Round) => (count / windowMs) * 1_000;
  const faults = [...plain, ...slow].flatMap(({ streams, turns: others }) => [
    ...streams.faults,
    ...others.faults,
  ]);
  const words = (name: string, rounds: Round[]) =>
    `${name}: gap p50 ${median(rounds.map((one) => gaps(one).p50)).toFixed(1)}, p99 ${median(rounds.map((one) => gaps(one).p99)).toFixed(1)}, max ${median(rounds.map((one) => gaps(one).max)).toFixed(0)} ms, ${median(rounds.map(rate)).toFixed(0)} turns/s of others`;
  return [
    row({
      goal: "P12",
      what: `${ADDED_MS} ms more each sync: gap of other users' tokens p99 grows by`,
      unit: "ms",
      ours: slow.map((one, round) =>
        Math.max(0, gaps(one).p99 - (plain[round] ? gaps(plain[round]).p99 : 0)),
      ),
      target: { atMost: 5 },
      notes: [words("as it is", plain), words("slow", slow), ...new Set(faults)],
    }),
    row({
      goal: "P12",
      what: `the same: time added to the first token of a turn among ${OTHERS}, against one alone`,
      unit: "ms",
      ours: slow.map(firstToken),
      references: { alone: slow.map(({ alone }) => alone.addedMs.p50) },
      target: { against: "alone", atMost: 2 },
    }),
  ];
}
