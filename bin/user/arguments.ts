// The command line of `npm run user`.
import { ROLES, type Role } from "../../contracts/access.ts";
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { type LimitChange, readLimits } from "./limits.ts";

const OPTIONS = {
  role: { type: "string" },
  plan: { type: "string" },
  days: { type: "string" },
  "password-stdin": { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export type Wanted =
  | { command: "help" }
  | { command: "list"; text: string }
  | { command: "create"; email: string; role?: Role; plan?: string; hasPassword: boolean }
  | { command: "role"; user: string; role: Role }
  | { command: "plan"; user: string; plan: string }
  | { command: "limits"; user: string; changes: LimitChange }
  | { command: "usage"; user: string; days: number }
  | { command: "show" | "disable" | "enable" | "remove"; user: string };
export type UserArguments = Wanted & { json: boolean; yes: boolean };

type Words = Texts["user"];
type Values = {
  role?: string | undefined;
  plan?: string | undefined;
  days?: string | undefined;
  "password-stdin"?: boolean | undefined;
};

/** Options of one command only. */
const OWN: Record<keyof Values, string> = {
  role: "create",
  plan: "create",
  "password-stdin": "create",
  days: "usage",
};
const MOST_DAYS = 90;
const USUAL_DAYS = 7;

/** @throws Error in words: what is not understood must change nothing */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): UserArguments {
  const words = texts.user;
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.user.badOption);
  const { json = false, yes = false, help, ...own } = values;
  const [command, ...rest] = positionals;
  if (help || command === undefined) return { command: "help", json, yes };
  for (const option of Object.keys(own) as (keyof Values)[])
    if (OWN[option] !== command) throw new Error(words.optionElsewhere(option, command));
  return { ...wantedOf(command, rest, own, words), json, yes };
}

function wantedOf(command: string, rest: string[], values: Values, words: Words): Wanted {
  /** The positionals of a command: as many as it takes, each with its name. */
  const take = (...needed: string[]): string[] => {
    const missing = needed[rest.length];
    if (missing !== undefined) throw new Error(words.missing(command, missing));
    const extra = rest[needed.length];
    if (extra !== undefined) throw new Error(words.tooMany(command, extra));
    return rest;
  };
  switch (command) {
    case "help":
      return { command };
    case "list":
      return { command, text: rest.join(" ").trim() };
    case "create": {
      const [email = ""] = take(words.anEmail);
      const role = values.role === undefined ? {} : { role: roleOf(values.role, words) };
      const plan = values.plan === undefined ? {} : { plan: values.plan };
      return { command, email, ...role, ...plan, hasPassword: values["password-stdin"] === true };
    }
    case "role": {
      const [user = "", role = ""] = take(words.aUser, words.aRole);
      return { command, user, role: roleOf(role, words) };
    }
    case "plan": {
      const [user = "", plan = ""] = take(words.aUser, words.aPlan);
      return { command, user, plan };
    }
    case "limits": {
      const [user, ...changes] = rest;
      if (user === undefined) throw new Error(words.missing(command, words.aUser));
      return { command, user, changes: readLimits(changes, words) };
    }
    case "usage": {
      const [user = ""] = take(words.aUser);
      return { command, user, days: daysOf(values.days, words) };
    }
    case "show":
    case "disable":
    case "enable":
    case "remove": {
      const [user = ""] = take(words.aUser);
      return { command, user };
    }
    default:
      throw new Error(words.unknownCommand(command));
  }
}

function roleOf(text: string, words: Words): Role {
  const role = ROLES.find((one) => one === text);
  if (!role) throw new Error(words.badRole(text));
  return role;
}

function daysOf(text: string | undefined, words: Words): number {
  if (text === undefined) return USUAL_DAYS;
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MOST_DAYS) throw new Error(words.badDays(text));
  return days;
}
