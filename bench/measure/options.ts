// The flags of `npm run bench`.
import { parseArgs } from "node:util";
import type { Mode } from "./systems.ts";

/** By what is measured: one process, or a cluster with its servers. */
const GOALS = {
  embedded: ["P1", "P2", "P3", "P4", "P6", "P8", "P9", "P10", "P12"],
  cluster: ["P1", "P2", "P4", "P7", "P8", "P10", "P11", "OUTPUT", "FLOOD"],
} as const satisfies Record<Mode, string[]>;
export type GoalName = (typeof GOALS)[Mode][number];

export type Options = {
  mode: Mode;
  only: GoalName[];
  /** Rounds in which the systems take turns. */
  rounds: number;
  /** Milliseconds of a measured stretch of load. */
  windowMs: number;
  /** Turns of a stretch that is counted in turns. */
  turns: number;
  soakS: number;
  profile: boolean;
};

export const HELP = `npm run bench -- [cluster] [--quick] [--only P1,P2] [--rounds 5] [--soak 60] [--profile]
  cluster     a cluster with its servers, as npm run cluster starts it, instead of one process
  --quick     fewer rounds and shorter windows: about two minutes
  --only      goals: ${GOALS.embedded.join(", ")}; of a cluster ${GOALS.cluster.join(", ")}
              (P8, OUTPUT and FLOOD are of Macs that have joined it)
  --rounds    how often the systems take turns
  --soak      seconds of load of P8 (the goal itself means 600)
  --profile   where the product's time goes under P2 and P3
`;

/** @throws Error in words when a flag or a goal is not known */
export function readOptions(args: string[]): Options | "help" {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      soak: { type: "string" },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { quick } = values;
  const mode = modeOf(positionals);
  const goals: readonly GoalName[] = GOALS[mode];
  return {
    mode,
    only:
      values.only === undefined ? [...goals] : values.only.split(",").map((text) => goalName(text, goals)),
    rounds: positive("--rounds", values.rounds) ?? (quick ? 2 : 5),
    windowMs: quick ? 2_500 : 6_000,
    turns: quick ? 80 : 250,
    soakS: positive("--soak", values.soak) ?? (quick ? 10 : 60),
    profile: values.profile,
  };
}

function modeOf([word, ...more]: string[]): Mode {
  if (word === undefined) return "embedded";
  if (word === "cluster" && more.length === 0) return "cluster";
  throw new Error(`npm run bench takes no "${[word, ...more].join(" ")}", only cluster.`);
}

function goalName(text: string, goals: readonly GoalName[]): GoalName {
  const found = goals.find((goal) => goal === text.trim().toUpperCase());
  if (!found) throw new Error(`There is no goal "${text}" here. There are ${goals.join(", ")}.`);
  return found;
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${flag} takes a whole number above 0, not "${text}".`);
}
