// What a line asks for: the command, its words and options. What is not understood changes nothing.
import { parseOptions } from "../terminal/parse-options.ts";
import type { Texts } from "../terminal/texts.ts";
import { COMMANDS } from "./commands.ts";
import type { Command } from "./room.ts";

export type Wanted =
  | { type: "help"; of: readonly Command[] }
  | {
      type: "run";
      command: Command;
      words: string[];
      options: Record<string, string | boolean | undefined>;
      json: boolean;
      yes: boolean;
    };

/** Said of a line that is not understood: exit code 2. */
export class NotUnderstood extends Error {}

/** @throws NotUnderstood in words */
export function readCommand(words: string[], texts: Texts): Wanted {
  const { repl } = texts;
  const [first = "help", second = ""] = words;
  if (["help", "--help", "-h", "?"].includes(first)) return { type: "help", of: commandsOf(second) };
  const command = COMMANDS.find(({ name }) => startsWith(words, name));
  if (!command) {
    const group = commandsOf(first);
    if (group.length === 0) throw new NotUnderstood(repl.noCommand(first));
    if (second === "" || second.startsWith("-")) return { type: "help", of: group };
    throw new NotUnderstood(repl.noCommand(`${first} ${second}`));
  }
  const { values, positionals } = optionsOf(command, words.slice(command.name.split(" ").length), texts);
  const { json = false, yes = false, help = false, ...options } = values;
  if (help) return { type: "help", of: [command] };
  checkWords(command, positionals, texts);
  return { type: "run", command, words: positionals, options, json: json === true, yes: yes === true };
}

/** Those of a group: `users`; all without a name. */
function commandsOf(group: string): readonly Command[] {
  if (group === "") return COMMANDS;
  return COMMANDS.filter(({ name }) => name === group || name.startsWith(`${group} `));
}

const startsWith = (words: string[], name: string) => name.split(" ").every((word, at) => words[at] === word);

function optionsOf({ options = {} }: Command, args: string[], texts: Texts) {
  const own = Object.entries(options).map(([name, kind]) => [
    name,
    { type: kind === "flag" ? "boolean" : "string" } as const,
  ]);
  const all = {
    ...(Object.fromEntries(own) as Record<string, { type: "boolean" | "string" }>),
    json: { type: "boolean" },
    yes: { type: "boolean", short: "y" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseOptions(args, all, texts, texts.repl.badOption) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (thrown) {
    throw new NotUnderstood((thrown as Error).message);
  }
}

function checkWords({ name, takes = [] }: Command, words: string[], { repl }: Texts): void {
  const missing = takes[words.length];
  if (missing !== undefined && !/[?…]$/.test(missing))
    throw new NotUnderstood(repl.missing(name, repl.usage[name as keyof typeof repl.usage]));
  if (takes.at(-1)?.endsWith("…")) return;
  const extra = words[takes.length];
  if (extra !== undefined) throw new NotUnderstood(repl.tooMany(name, extra));
}
