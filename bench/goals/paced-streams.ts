// P2 and P4: many streams at the pace of a model. CPU time per token, gaps between tokens, and that every token comes.
import { type AnyBench, alternate, type Bench, faultsOf, type Rounds, valuesOf } from "../measure/bench.ts";
import type { Load } from "../measure/load.ts";
import { type Row, row } from "../measure/row.ts";
import { AGENT } from "../measure/systems.ts";
import { disturbance } from "./large-prompt.ts";

/** Streams are opened no faster than this, because what is measured is their tokens, not the starts of their runs. */
const RAMP_MS_EACH = { embedded: 4, cluster: 50 };
/** For each reader that joins one: what is measured is the tokens, and a join costs as much as hundreds of them. */
const JOIN_MS_EACH = 40;
const LEAST_RAMP_MS = 1_000;
/** For what the client waits between the last opened stream and the window, and behind it: all streams outlive it. */
const MARGIN_MS = 4_000;

/** 400 streams, 50 tokens a second each: P2 counts the CPU time of the window, P4 that all streams are whole. */
export async function manyStreams(bench: AnyBench): Promise<Row[]> {
  const { pipe, agent } = bench.references;
  const rounds = await alternate(bench, [pipe, agent, bench.product], pacedLoad(400, 50, bench));
  const perCpuSecond = valuesOf(rounds, ({ tokens, cpuMs }) => (tokens / cpuMs) * 1_000);
  const faulty = valuesOf(rounds, (measured) => measured.faulty);
  return [
    row({
      goal: "P2",
      what: "paced tokens per CPU-s (400 streams × 50/s)",
      unit: "tokens",
      ...perCpuSecond,
      target:
        bench.mode === "embedded"
          ? { against: "pipe", atLeast: 0.8 }
          : { against: AGENT.cluster, atLeast: 1 },
      notes: [delays(rounds), ...faultsOf(rounds)],
    }),
    ...(bench.mode === "cluster"
      ? [
          row({
            goal: "P2",
            what: "the same against the pipe",
            unit: "tokens",
            ...perCpuSecond,
            target: { against: "pipe", atLeast: 0.65 },
          }),
        ]
      : []),
    row({
      goal: "P4",
      what: "400 streams: lost, doubled, reordered or changed",
      unit: "streams",
      ...faulty,
      target: { atMost: 0 },
    }),
  ];
}

/** 50 streams × 50/s: the gaps. 1000 streams × 20/s. One large prompt: the gaps of the others. */
export async function gaps(bench: Bench): Promise<Row[]> {
  const { direct, pipe, agent } = bench.references;
  const few = await alternate(bench, [direct, pipe, agent, bench.product], pacedLoad(50, 50, bench));
  const added = valuesOf(few, ({ gapMs }, round) =>
    Math.max(0, gapMs.p99 - (few.direct[round]?.gapMs.p99 ?? 0)),
  );
  delete added.references.direct;
  return [
    row({
      goal: "P4",
      what: "50 streams: added gap between tokens p99",
      unit: "ms",
      ...added,
      target: { atMost: 1 },
      notes: [delays(few), ...faultsOf(few)],
    }),
    await crowd(bench),
    ...(bench.product ? [await disturbance(bench, bench.product, pacedLoad(50, 50, bench))] : []),
  ];
}

/** 1000 streams × 20/s: the delay of each token. */
async function crowd(bench: Bench): Promise<Row> {
  const rounds = await alternate(bench, [bench.references.pipe, bench.product], pacedLoad(1_000, 20, bench));
  return delayRow("1000 streams × 20/s: token delay p99", rounds);
}

export function delayRow(what: string, rounds: Rounds): Row {
  return row({
    goal: "P4",
    what,
    unit: "ms",
    ...valuesOf(rounds, ({ delayMs }) => delayMs.p99),
    target: { atMost: 50 },
    notes: faultsOf(rounds),
  });
}

export function pacedLoad(
  streams: number,
  rate: number,
  { mode, options: { windowMs } }: Pick<AnyBench, "mode" | "options">,
  readers = 1,
): Load & { shape: "streams" } {
  const joinMs = streams * (readers - 1) * JOIN_MS_EACH;
  const rampMs = Math.max(LEAST_RAMP_MS, streams * RAMP_MS_EACH[mode] + joinMs);
  const tokens = Math.ceil((rate * (rampMs + windowMs + MARGIN_MS)) / 1_000);
  return {
    shape: "streams",
    streams,
    readers,
    rampMs,
    windowMs,
    streamed: true,
    script: { tokens, rate, thinkMs: 0 },
  };
}

function delays(rounds: Rounds): string {
  const words = Object.entries(rounds).flatMap(([name, measured]) => {
    const last = measured.at(-1);
    return last
      ? [`${name} gap p99 ${last.gapMs.p99.toFixed(1)}, delay p50 ${last.delayMs.p50.toFixed(1)} ms`]
      : [];
  });
  return words.join("; ");
}
