// Tab completion: names of commands, their options, and what this installation has of what they take.
import { ROLES } from "../../contracts/access.ts";
import { SETTINGS } from "../../contracts/settings.ts";
import { agentsOf } from "./commands/processes.ts";
import { COMMANDS } from "./commands.ts";
import type { Command, Room } from "./room.ts";

const EVERYWHERE = ["--json", "--yes", "--help"];
/** Commands of the prompt itself. */
const OF_THE_PROMPT = ["help", "exit"];
const MOST_USERS = 100;

/** What the line may go on with. @returns besides, the part of the line that each of them replaces */
export async function completionsOf(room: Room, typed: string): Promise<[string[], string]> {
  const line = typed.trimStart();
  const names = [...COMMANDS.map(({ name }) => name), ...OF_THE_PROMPT].filter((name) =>
    name.startsWith(line),
  );
  if (names.length > 0 && !names.includes(line)) return [nextWords(names, line), line];
  const last = line.split(/\s+/).at(-1) ?? "";
  const command = COMMANDS.find(({ name }) => line.startsWith(`${name} `));
  if (!command) return [[], line];
  const all = last.startsWith("-")
    ? [...EVERYWHERE, ...Object.keys(command.options ?? {}).map((name) => `--${name}`)]
    : await valuesFor(room, command, line);
  return [all.filter((one) => one.startsWith(last)).map((one) => `${one} `), last];
}

/** One word more than there is: `users` before `users list`. */
function nextWords(names: string[], line: string): string[] {
  const words = line.split(" ").length;
  const next = names.map((name) => name.split(" ").slice(0, words).join(" "));
  return [...new Set(next)].map((name) => `${name} `);
}

async function valuesFor(room: Room, { name, takes = [] }: Command, line: string): Promise<string[]> {
  const at = line.slice(name.length + 1).split(/\s+/).length - 1;
  switch (takes[at]) {
    case "user":
      return (await room.ask("users.adminList", { limit: MOST_USERS })).users.map(({ email }) => email);
    case "role":
      return [...ROLES];
    case "plan":
      return (await room.ask("quota.plans", {})).plans.map((plan) => plan.name);
    case "setting":
      return Object.keys(SETTINGS);
    case "process":
      return agentsOf(room);
    default:
      return [];
  }
}
