// P10: the price of durability. Commits of the store per plain turn, and the first token against the same build whose data
// folder is in memory (tmpfs): there a sync costs nothing.
import { existsSync } from "node:fs";
import { type Bench, faultsOf } from "../measure/bench.ts";
import type { Load, Measured } from "../measure/load.ts";
import { commitsOf } from "../measure/probe.ts";
import { type Row, row } from "../measure/row.ts";

const MEMORY_FOLDER = "/dev/shm";

export async function durability(bench: Bench): Promise<Row[]> {
  if (!bench.product) return [];
  return [await commitsPerTurn(bench), ...(existsSync(MEMORY_FOLDER) ? [await againstMemory(bench)] : [])];
}

/** One turn after the other, because turns that run together share their commits. */
async function commitsPerTurn(bench: Bench): Promise<Row> {
  const product = await bench.startProduct({ users: 2, probe: true });
  try {
    await bench.load.run(product, sequential(20));
    const before = await commitsOf(product);
    // Without a warm-up every turn of the load is counted.
    const { turns, faults } = await bench.load.run(product, sequential(bench.options.turns, 0));
    const perTurn = ((await commitsOf(product)) - before) / turns;
    const what = "store commits per plain turn";
    return row({
      goal: "P10",
      what,
      unit: "commits",
      ours: [perTurn],
      target: { atMost: 2.5 },
      notes: faults,
    });
  } finally {
    await product.stop();
  }
}

async function againstMemory(bench: Bench): Promise<Row> {
  const inMemory = await bench.startProduct({ users: 2, parent: MEMORY_FOLDER });
  const onDisk = await bench.startProduct({ users: 2 });
  const times = { disk: [] as Measured[], memory: [] as Measured[] };
  try {
    for (let round = 0; round < bench.options.rounds; round++) {
      const pair = [
        async () => times.disk.push(await bench.load.run(onDisk, sequential(bench.options.turns))),
        async () => times.memory.push(await bench.load.run(inMemory, sequential(bench.options.turns))),
      ];
      for (const measure of round % 2 === 0 ? pair : pair.toReversed()) await measure();
    }
  } finally {
    await Promise.all([inMemory.stop(), onDisk.stop()]);
  }
  const firstToken = ({ firstTokenMs }: Measured) => firstTokenMs.p50;
  return row({
    goal: "P10",
    what: "time to first token p50 against a store in memory",
    unit: "ms",
    ours: times.disk.map(firstToken),
    references: { memory: times.memory.map(firstToken) },
    target: { against: "memory", atMost: 1.1 },
    notes: faultsOf({ macjarvis: [...times.disk, ...times.memory] }),
  });
}

function sequential(turns: number, warmUpMs = 500): Load {
  const script = { tokens: 8, rate: 0, thinkMs: 0 };
  return { shape: "turns", workers: 1, warmUpMs, turns, streamed: true, script };
}
