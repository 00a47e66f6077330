// The prompt: reads lines from the terminal, or from a pipe, and does one after the other. It remembers them for as long as it runs and
// keeps no file of them.
import { createInterface, type Interface } from "node:readline/promises";
import type { Screen } from "../terminal/screen.ts";
import { completionsOf } from "./complete.ts";
import type { Room } from "./room.ts";
import { type ExitCode, runLine } from "./run-line.ts";
import { splitLine } from "./split-line.ts";

const PROMPT = "mol $ ";
const LEAVE = new Set(["exit", "quit", "q"]);

type Options = {
  screen: Screen;
  /** Ctrl-C on an empty line. */
  onInterrupt: () => void;
};

/**
 * Answers when the person has left: with exit, with Ctrl-D, or because the pipe has ended.
 * @returns what a script is told: 1 when any line that came from a pipe failed. A person has seen it
 */
export async function runPrompt(room: Room, { screen, onInterrupt }: Options): Promise<0 | 1> {
  const isTerminal = process.stdin.isTTY === true && screen.isTerminal;
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: isTerminal ? PROMPT : "",
    terminal: isTerminal,
    completer: (line: string) => completionsOf(room, line).catch((): [string[], string] => [[], line]),
  });
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const run = (line: string) => runTyped(room, line, lines, screen);
  let hasLeft = false;
  let hasFailed = false;
  let isOpen = true;
  let done: Promise<void> = Promise.resolve();
  lines.on("line", (line) => {
    done = done.then(async () => {
      // What was typed behind `exit` is for somebody else.
      hasLeft ||= LEAVE.has(line.trim());
      if (hasLeft) return lines.close();
      if ((await run(line)) !== 0) hasFailed = true;
      // The pipe may have ended meanwhile.
      if (isOpen) lines.prompt();
    });
  });
  lines.on("SIGINT", () => {
    if (lines.line === "") return onInterrupt();
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
  });
  lines.once("close", () => {
    isOpen = false;
    void done.then(resolve);
  });
  lines.prompt();
  await left;
  return hasFailed && !isTerminal ? 1 : 0;
}

async function runTyped(room: Room, line: string, lines: Interface, screen: Screen): Promise<ExitCode> {
  const words = splitLine(line);
  if (words !== undefined)
    return words.length > 0 ? runLine(room, words, { screen, confirm: asker(lines, screen) }) : 0;
  screen.tell(screen.texts.repl.openQuote, screen.colours.red);
  return 2;
}

/** @throws Error where nobody can be asked */
function asker(lines: Interface, { texts }: Screen) {
  return async (question: string, answer: string) => {
    if (!lines.terminal) throw new Error(texts.user.needsYes);
    // Ctrl-D is a no.
    const typed = await lines.question(question).catch(() => "");
    return typed.trim().toLowerCase() === answer.toLowerCase();
  };
}
