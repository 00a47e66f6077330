// The prompt: reads lines from the terminal, or from a pipe, and does one after the other. It remembers them for as long as it runs and
// keeps no file of them.
import { createInterface, type Interface } from "node:readline/promises";
import type { Screen } from "../terminal/screen.ts";
import { completionsOf } from "./complete.ts";
import type { Room } from "./room.ts";
import { runLine } from "./run-line.ts";
import { splitLine } from "./split-line.ts";

const PROMPT = "mol $ ";
const LEAVE = new Set(["exit", "quit", "q"]);

type Options = {
  screen: Screen;
  /** Ctrl-C on an empty line. */
  onInterrupt: () => void;
};

/** Answers when the person has left: with exit, with Ctrl-D, or because the pipe has ended. */
export async function runPrompt(room: Room, { screen, onInterrupt }: Options): Promise<void> {
  const isTerminal = process.stdin.isTTY === true && screen.isTerminal;
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: isTerminal ? PROMPT : "",
    terminal: isTerminal,
    completer: (line: string) => completionsOf(room, line).catch((): [string[], string] => [[], line]),
  });
  const { promise: left, resolve } = Promise.withResolvers<void>();
  let done: Promise<unknown> = Promise.resolve();
  lines.on("line", (line) => {
    done = done.then(() => runTyped(room, line, lines, screen));
  });
  lines.on("SIGINT", () => {
    if (lines.line === "") return onInterrupt();
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
  });
  lines.once("close", () => void done.then(() => resolve()));
  lines.prompt();
  await left;
}

async function runTyped(room: Room, line: string, lines: Interface, screen: Screen): Promise<void> {
  const words = splitLine(line);
  if (LEAVE.has(line.trim())) return lines.close();
  if (words === undefined) screen.tell(screen.texts.repl.openQuote, screen.colours.red);
  else if (words.length > 0) await runLine(room, words, { screen, confirm: asker(lines, screen) });
  lines.prompt();
}

/** @throws Error where nobody can be asked */
function asker(lines: Interface, { texts }: Screen) {
  return async (question: string, answer: string) => {
    if (!lines.terminal) throw new Error(texts.user.needsYes);
    return (await lines.question(question)).trim().toLowerCase() === answer.toLowerCase();
  };
}
