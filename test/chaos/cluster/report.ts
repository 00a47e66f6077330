// What chaos has seen, in numbers and words.
import type { Call } from "./door.ts";
import type { Judged } from "./judge.ts";
import type { ChaosOptions } from "./options.ts";
import type { Done } from "./storm.ts";
import type { TakeOver } from "./take-overs.ts";

export type Cycle = Judged & { done: number; quietMs: number; takeOvers: TakeOver[] };

export type Report = {
  options: ChaosOptions;
  logs: string;
  cycles: number;
  runs: number;
  /** How often a reader's connection was cut on purpose. */
  cuts: number;
  statuses: Map<string, number>;
  done: Done[];
  calls: Call[];
  takeOvers: TakeOver[];
  /** What contradicts a guarantee. */
  faults: Set<string>;
  /** What came true, and later than it should. */
  late: string[];
};

/** Goal for a request to a process that is dead. */
const REFUSED_MS = 15_000;

export function reportOf(options: ChaosOptions, logs: string): Report {
  return {
    ...{ options, logs, cycles: 0, runs: 0, cuts: 0, statuses: new Map(), done: [], calls: [] },
    ...{ takeOvers: [], faults: new Set(), late: [] },
  };
}

/** Counts the cycle in. @returns it in a line */
export function cycleLine(report: Report, { runs, statuses, quietMs, takeOvers, done }: Cycle): string {
  report.cycles += 1;
  for (const [status, count] of statuses)
    report.statuses.set(status, (report.statuses.get(status) ?? 0) + count);
  return (
    `cycle ${report.cycles}: ${done} faults, ${runs} runs (${counted(statuses)}), quiet after ${seconds(quietMs)}, ` +
    `${takeOvers.length} take-overs (slowest ${seconds(slowest(takeOvers))}), ${report.faults.size} findings so far`
  );
}

export function summary(report: Report): string {
  const { options, cycles, runs, cuts, statuses, done, takeOvers, faults, late, logs } = report;
  const kinds = Map.groupBy(done, ({ fault }) => fault.kind);
  const refusals = slowRefusals(report);
  const calm = takeOvers.filter((takeOver) => isCalm(takeOver, done));
  const lines = [
    `seed ${options.seed}: ${cycles} cycles, ${done.length} faults, ${runs} runs of ${options.live} at once, ${cuts} readers cut`,
    `faults: ${counted(new Map([...kinds].map(([kind, all]) => [kind, all.length])))}`,
    `runs: ${counted(statuses)}`,
    `take-overs after kill -9 of an agent: ${takeOvers.length}, slowest ${seconds(slowest(takeOvers))}, and ${seconds(slowest(calm))} of ${calm.length} while nothing else was wrong`,
    `calls that failed through a gateway that was well: ${refusals.length}, slowest ${refusals[0] ? `${seconds(refusals[0].to - refusals[0].from)} (${refusals[0].what})` : "none"}`,
    ...late.map((words) => `LATE ${words}`),
    ...[...faults].map((words) => `FOUND ${words}`),
    `${faults.size} findings${faults.size + late.length > 0 ? `; logs of all processes: ${logs}` : ""}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Nothing was wrong then but the death of its owner. */
function isCalm(takeOver: TakeOver, done: Done[]): boolean {
  return done.filter(({ from, to }) => from < takeOver.to && to > takeOver.from).length < 2;
}

/** Calls without a useful answer that were not held up by what was done to their gateway itself, slowest first. */
function slowRefusals({ calls }: Report): Call[] {
  return calls
    .filter(({ status }) => status === 0 || status >= 500)
    .filter(({ gateway, from, to }) => !gateway.wasTroubled(from, to))
    .toSorted((a, b) => b.to - b.from - (a.to - a.from));
}

/** What is late of that. */
export function tooSlow(report: Report): string[] {
  return slowRefusals(report)
    .filter(({ from, to }) => to - from > REFUSED_MS)
    .slice(0, 5)
    .map(({ what, from, to, status, gateway }) => {
      const took = seconds(to - from);
      return `${what} through ${gateway.name} took ${took} to be answered ${status || "by nothing"}`;
    });
}

const counted = (counts: Map<string, number>) =>
  [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ") || "none";

const slowest = (all: TakeOver[]) => Math.max(0, ...all.map(({ from, to }) => to - from));

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
