// What every goal gets to work with, and how it lets the systems take turns.
import type { ClusterOptions, ClusterProduct } from "./cluster-product.ts";
import type { Load, LoadClient, Measured } from "./load.ts";
import type { Macs } from "./macs.ts";
import type { Options } from "./options.ts";
import type { Product, ProductOptions } from "./product.ts";
import type { Mode, References, System, SystemName } from "./systems.ts";

type BenchOf<AProduct, StartOptions> = {
  options: Options;
  mode: Mode;
  load: LoadClient;
  references: References;
  /** The product that plain loads share; undefined when it does not start. */
  product: AProduct | undefined;
  /** Starts one more product for a goal that needs its own; whoever asks stops it. */
  startProduct(options: Omit<StartOptions, "upstreamPort">): Promise<AProduct>;
  upstreamPort: number;
};
/** The product as one process. */
export type Bench = BenchOf<Product, ProductOptions>;
export type ClusterBench = BenchOf<ClusterProduct, ClusterOptions>;
/** For goals on Macs that have joined a cluster, which share them. */
export type MacBench = Omit<ClusterBench, "product"> & { macs: Macs };
/** For goals that are the same in both modes and start nothing. */
export type AnyBench = Omit<Bench, "startProduct">;

export type Rounds = Record<SystemName, Measured[]>;

/** Runs the load on each system once a round, each round beginning with another one, so that noise meets all of them. */
export async function alternate(
  bench: Pick<Bench, "options" | "load">,
  systems: (System | undefined)[],
  load: Load,
): Promise<Rounds> {
  const present = systems.filter((system) => system !== undefined);
  const rounds: Rounds = { direct: [], pipe: [], minagent: [], natsagent: [], macjarvis: [], mac: [] };
  for (let round = 0; round < bench.options.rounds; round++)
    for (let index = 0; index < present.length; index++) {
      const system = present[(index + round) % present.length];
      if (system) rounds[system.name].push(await bench.load.run(system, load));
    }
  return rounds;
}

/** One value per round of every system that was measured. @param own which of them is compared with the others */
export function valuesOf(
  rounds: Rounds,
  value: (measured: Measured, round: number) => number,
  own: "macjarvis" | "mac" = "macjarvis",
) {
  const { [own]: ours, ...others } = rounds;
  const references = Object.fromEntries(
    Object.entries(others).flatMap(([name, measured]) =>
      measured.length > 0 ? [[name, measured.map(value)]] : [],
    ),
  ) as Record<string, number[]>;
  return { ours: ours.map(value), references };
}

/** In words, what was wrong in the rounds: a system that answers wrongly, or starts late, was not measured well. */
export function faultsOf(rounds: Partial<Rounds>): string[] {
  return Object.entries(rounds).flatMap(([name, measured]) => {
    const faulty = measured.reduce((sum, outcome) => sum + outcome.faulty, 0);
    const first = measured.find((outcome) => outcome.faults.length > 0)?.faults[0];
    const late = Math.max(0, ...measured.map((outcome) => outcome.late));
    return [
      ...(faulty > 0 ? [`${name}: ${faulty} faulty turns, e.g. ${first}`] : []),
      ...(late > 0 ? [`${name}: up to ${late} streams began in the window`] : []),
    ];
  });
}
