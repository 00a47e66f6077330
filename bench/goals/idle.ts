// P8: memory and CPU time of a product that does nothing, and whether its memory grows under load.
import type { Bench } from "../measure/bench.ts";
import { footprint } from "../measure/process-tree.ts";
import { type Row, row } from "../measure/row.ts";
import { median } from "../measure/statistics.ts";

/** After the start, before "idle" begins. */
const SETTLE_MS = 5_000;
/** Long enough for 0.3 % to be several ticks of the clock that counts CPU time. */
const IDLE_MS = 10_000;
const SAMPLE_MS = 1_000;
/** The first part of a soak fills caches and sizes the heap. */
const WARM_SHARE = 0.3;
const FULL_SOAK_S = 600;

export async function idle(bench: Bench): Promise<Row[]> {
  if (!bench.product) return [];
  const product = await bench.startProduct({ users: 4 });
  try {
    await pause(SETTLE_MS);
    const before = footprint(product.pid);
    await pause(IDLE_MS);
    const after = footprint(product.pid);
    const cpuShare = ((after.cpuMs - before.cpuMs) / IDLE_MS) * 100;
    const soak = await growth(bench, product);
    return [
      row({
        goal: "P8",
        what: "idle RSS, one process",
        unit: "MB",
        ours: [after.rssMb],
        target: { atMost: 220 },
      }),
      row({ goal: "P8", what: "idle CPU", unit: "%", ours: [cpuShare], target: { atMost: 0.3 } }),
      soak,
    ];
  } finally {
    await product.stop();
  }
}

/** RSS at the end of a soak against RSS after its warm-up. */
async function growth(bench: Bench, product: Parameters<Bench["load"]["run"]>[0]): Promise<Row> {
  const { soakS } = bench.options;
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(footprint(product.pid).rssMb), SAMPLE_MS);
  const script = { tokens: 30, rate: 0, thinkMs: 100 };
  try {
    const windowMs = soakS * 1_000;
    const outcome = await bench.load.run(product, {
      shape: "turns",
      workers: 4,
      warmUpMs: 0,
      windowMs,
      streamed: true,
      script,
    });
    const warm = samples.slice(
      Math.floor(samples.length * WARM_SHARE),
      Math.ceil(samples.length * (WARM_SHARE + 0.2)),
    );
    const last = samples.slice(Math.floor(samples.length * 0.8));
    const grown = (median(last) / median(warm) - 1) * 100;
    const notes = [
      `${outcome.turns} turns, RSS ${median(warm).toFixed(0)} → ${median(last).toFixed(0)} MB`,
      ...(soakS < FULL_SOAK_S
        ? [`a soak of ${soakS} s, not ${FULL_SOAK_S}: a heap that still finds its size looks like growth`]
        : []),
      ...outcome.faults,
    ];
    return row({
      goal: "P8",
      what: "RSS growth in the soak",
      unit: "%",
      ours: [grown],
      target: { atMost: 5 },
      notes,
    });
  } finally {
    clearInterval(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
