// The slash commands of the interactive chat: each asks the server or changes what the next message is sent with.
import { widthOf } from "../terminal/fit-line.ts";
import type { Texts } from "../terminal/texts.ts";
import { wrapText } from "../terminal/wrap.ts";
import { answerApprovals } from "./commands/approvals.ts";
import { chooseModel, listModels } from "./commands/models.ts";
import { nodes } from "./commands/nodes.ts";
import { rules } from "./commands/rules.ts";
import { cancel, follow } from "./commands/runs.ts";
import { history, listOfSessions, newSession, openSession } from "./commands/sessions.ts";
import type { CommandRoom } from "./conversation.ts";

type Command = (room: CommandRoom, argument: string) => Promise<void>;
type Name = keyof Texts["commands"]["does"];

const COMMANDS: Record<Exclude<Name, "quit">, Command> = {
  new: newSession,
  sessions: listOfSessions,
  open: openSession,
  history,
  follow,
  cancel,
  approvals: answerApprovals,
  rules,
  nodes,
  models: listModels,
  model: chooseModel,
  help,
};

export const COMMAND_NAMES = [...Object.keys(COMMANDS), "quit"].map((name) => `/${name}`);

/** Runs a line that begins with a slash. @returns false when the person wants to leave. @throws Error in words, AppError of the server */
export async function runCommand(room: CommandRoom, line: string): Promise<boolean> {
  const [given = "", ...rest] = line.trim().split(/\s+/);
  const name = given.slice(1);
  if (name === "quit" || name === "exit") return false;
  if (isKnown(name)) await COMMANDS[name](room, rest.join(" ").trim());
  else room.screen.tell(room.screen.texts.commands.unknown(given));
  return true;
}

function isKnown(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

/** A message may begin with a slash too: a path is no command. */
export function isCommand(line: string): boolean {
  return /^\/[a-z]+(\s|$)/.test(line);
}

async function help({ screen }: CommandRoom): Promise<void> {
  const { usage, does, helpLines, helpKeys } = screen.texts.commands;
  const { cyan, dim } = screen.colours;
  const names = Object.keys(usage) as Name[];
  const widest = Math.max(...names.map((name) => widthOf(usage[name])));
  // On a narrow terminal the words stand below their command.
  const isNarrow = screen.columns < widest + 30;
  for (const name of names) {
    const indent = isNarrow ? 4 : widest + 4;
    const [first = "", ...more] = wrapText(does[name], screen.columns - indent - 1);
    const pad = " ".repeat(widest - widthOf(usage[name]));
    if (isNarrow) screen.note(`  ${cyan(usage[name])}`);
    screen.note(isNarrow ? `    ${first}` : `  ${cyan(usage[name])}${pad}  ${first}`);
    for (const line of more) screen.note(" ".repeat(indent) + line);
  }
  for (const words of [helpLines, helpKeys])
    for (const line of wrapText(words, screen.columns - 3)) screen.note(dim(`  ${line}`));
}
