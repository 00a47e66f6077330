// P3: turns per CPU second, not streamed, 32 at once. P6: turns with one tool of 0.2 s, 50 users at once.
import { alternate, type Bench, faultsOf, valuesOf } from "../measure/bench.ts";
import type { Load } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";
import { median } from "../measure/statistics.ts";

const USERS = 50;
const TOOL_S = 0.2;
/** Share of its core from which on a system has none left. */
const FULL = 0.95;

export function plainTurns(windowMs: number): Load {
  const script = { tokens: 8, rate: 0, thinkMs: 0 };
  return { shape: "turns", workers: 32, warmUpMs: 1_000, windowMs, streamed: false, script };
}

export async function turnsPerCpuSecond(bench: Bench): Promise<Row[]> {
  const { pipe, agent } = bench.references;
  const rounds = await alternate(bench, [pipe, agent, bench.product], plainTurns(bench.options.windowMs));
  return [
    row({
      goal: "P3",
      what: "turns per CPU-s, not streamed, 32 at once",
      unit: "turns",
      ...valuesOf(rounds, ({ turns, cpuMs }) => (turns / cpuMs) * 1_000),
      target: { against: "minagent", atLeast: 0.2 },
      notes: faultsOf(rounds),
    }),
  ];
}

export async function turnsWithTool(bench: Bench): Promise<Row[]> {
  const product = bench.product ? await bench.startProduct({ users: USERS, tools: true }) : undefined;
  try {
    const rounds = await alternate(bench, [bench.references.agent, product], {
      shape: "turns",
      workers: USERS,
      warmUpMs: 1_000,
      windowMs: bench.options.windowMs,
      streamed: true,
      script: { tokens: 8, rate: 0, thinkMs: 0, tool: "bench_wait" },
      ...(product ? { tools: ["bench_wait"] } : {}),
    });
    const { ours, references } = valuesOf(rounds, ({ turns, windowMs }) => (turns / windowMs) * 1_000);
    // Every user is always in its tool, and nothing else takes time.
    references.ideal = (references.minagent ?? []).map(() => USERS / TOOL_S);
    const busy = median(rounds.macjarvis.map(({ cpuMs, windowMs }) => cpuMs / windowMs));
    return [
      row({
        goal: "P6",
        what: `${USERS} users, each turn one ${TOOL_S} s tool`,
        unit: "turns/s",
        ours,
        references,
        // Where the core is full it says how fast the core is.
        ...(busy < FULL ? { target: { against: "ideal", atLeast: 0.8 } } : {}),
        notes: [
          ...(product ? [`the product's core is ${(busy * 100).toFixed(0)} % busy`] : []),
          ...faultsOf(rounds),
        ],
      }),
      row({
        goal: "P6",
        what: "CPU of such a turn",
        unit: "ms",
        ...valuesOf(rounds, ({ turns, cpuMs }) => cpuMs / turns),
        target: { against: "minagent", atMost: 10 },
      }),
    ];
  } finally {
    await product?.stop();
  }
}
