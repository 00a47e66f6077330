// The flags of `npm run bench`.
import { parseArgs } from "node:util";

const GOALS = ["P1", "P2", "P3", "P4", "P6", "P8", "P9", "P10", "P12"] as const;
export type GoalName = (typeof GOALS)[number];

export type Options = {
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

export const HELP = `npm run bench -- [--quick] [--only P1,P2] [--rounds 5] [--soak 60] [--profile]
  --quick     fewer rounds and shorter windows: about two minutes
  --only      goals: ${GOALS.join(", ")}
  --rounds    how often the systems take turns
  --soak      seconds of load of P8 (the goal itself means 600)
  --profile   where the product's time goes under P2 and P3
`;

/** @throws Error in words when a flag or a goal is not known */
export function readOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
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
  return {
    only: values.only === undefined ? [...GOALS] : values.only.split(",").map(goalName),
    rounds: positive("--rounds", values.rounds) ?? (quick ? 2 : 5),
    windowMs: quick ? 2_500 : 6_000,
    turns: quick ? 80 : 250,
    soakS: positive("--soak", values.soak) ?? (quick ? 10 : 60),
    profile: values.profile,
  };
}

function goalName(text: string): GoalName {
  const found = GOALS.find((goal) => goal === text.trim().toUpperCase());
  if (!found) throw new Error(`There is no goal "${text}" here. There are ${GOALS.join(", ")}.`);
  return found;
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${flag} takes a whole number above 0, not "${text}".`);
}
