// The flags of `npm run chaos`.
import { parseArgs } from "node:util";

export type ChaosOptions = {
  minutes: number;
  /** Of everything that is left to chance. */
  seed: number;
  /** Runs that are kept going at once. */
  live: number;
  gateways: number;
  agents: number;
};

const MOST_SEEDS = 2 ** 32;

export const HELP = `npm run chaos -- [--minutes 30] [--seed N] [--live 50] [--gateways 2] [--agents 2]
  --minutes   how long faults happen, in storms of at most a minute; after each all is judged
  --seed      repeats the faults of a run that printed it, in their order (0 to ${MOST_SEEDS - 1})
  --live      runs that are kept going at once
  --gateways  processes with the service api
  --agents    processes with the service agent
`;

/** @throws Error in words when a flag is not known or its value cannot be used */
export function readOptions(args: string[]): ChaosOptions | "help" {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ minutes: text, seed: text, live: text, gateways: text, agents: text },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  return {
    minutes: between("--minutes", values.minutes, { least: 0.1, most: 1_440 }) ?? 30,
    seed:
      whole("--seed", values.seed, { least: 0, most: MOST_SEEDS - 1 }) ??
      Math.floor(Math.random() * MOST_SEEDS),
    live: whole("--live", values.live, { least: 1, most: 500 }) ?? 50,
    gateways: whole("--gateways", values.gateways, { least: 2, most: 5 }) ?? 2,
    agents: whole("--agents", values.agents, { least: 2, most: 5 }) ?? 2,
  };
}

type Bounds = { least: number; most: number };

function between(flag: string, text: string | undefined, { least, most }: Bounds): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(`${flag} takes a number from ${least} to ${most}, not "${text}".`);
}

function whole(flag: string, text: string | undefined, bounds: Bounds): number | undefined {
  const value = between(flag, text, bounds);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new Error(`${flag} takes a whole number, not "${text}".`);
}
