// Reads what a person types at the prompt: history, completion of commands, pasted text of many lines, `\` at the end of a
// line to go on. Ctrl-C clears the line, twice leaves; Ctrl-D leaves.
import { createInterface, type Interface } from "node:readline";
import { isDumbTerminal } from "../../lib/env.ts";
import type { History } from "./history.ts";

const LEAVE_WITHIN_MS = 2_000;
/** Makes the terminal mark what is pasted, so that a line feed in it does not send the message. */
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";

export type LineEditor = {
  /** The next message; undefined when the person leaves. */
  read(prompt: string): Promise<string | undefined>;
};

/** @param commands completed by the tab key. @param leaveHint shown after the first Ctrl-C */
export function lineEditor(history: History, commands: string[], leaveHint: string): LineEditor {
  /** Lines that came faster than they were read. */
  const ahead: string[] = [];
  return {
    read: async (prompt) => {
      const early = ahead.shift();
      if (early === undefined) return readOne(prompt, { history, commands, leaveHint }, ahead);
      process.stdout.write(`${prompt}${early}\n`);
      return early;
    },
  };
}

function openLines(prompt: string, history: History, commands: string[]): Interface {
  return createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt,
    history: history.newestFirst,
    historySize: 500,
    removeHistoryDuplicates: true,
    completer: (line: string) => [commands.filter((name) => name.startsWith(line)), line],
  });
}

type Setup = { history: History; commands: string[]; leaveHint: string };

function readOne(prompt: string, setup: Setup, ahead: string[]): Promise<string | undefined> {
  const { history, commands, leaveHint } = setup;
  const { stdin, stdout } = process;
  const lines = openLines(prompt, history, commands);
  const typed = new Typed();
  const mode = (sequence: string) => (isDumbTerminal() ? undefined : stdout.write(sequence));
  mode(PASTE_ON);
  lines.prompt();
  return new Promise((resolve) => {
    let isOver = false;
    const onKey = (_text: string | undefined, key: { name?: string } | undefined) => typed.sawKey(key?.name);
    const finish = (message: string | undefined) => {
      if (isOver) return;
      isOver = true;
      stdin.off("keypress", onKey);
      mode(PASTE_OFF);
      lines.close();
      if (message) history.add(message);
      resolve(message);
    };
    stdin.on("keypress", onKey);
    lines.on("close", () => finish(undefined));
    lines.on("SIGINT", interrupts(lines, { prompt, leaveHint }, typed, finish));
    lines.on("line", (line) => {
      if (isOver) return void ahead.push(line);
      const message = typed.add(line);
      if (message !== undefined) finish(message);
      else if (!typed.isPasting) continueLine(lines);
    });
  });
}

/** The first Ctrl-C clears what was typed, another one soon after leaves. */
function interrupts(
  lines: Interface,
  { prompt, leaveHint }: { prompt: string; leaveHint: string },
  typed: Typed,
  leave: (message: undefined) => void,
) {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - last < LEAVE_WITHIN_MS) return leave(undefined);
    last = performance.now();
    typed.clear();
    process.stdout.write(`^C\n${leaveHint}\n`);
    lines.setPrompt(prompt);
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    lines.prompt();
  };
}

/** What was typed of a message that has several lines. */
class Typed {
  readonly #lines: string[] = [];
  isPasting = false;

  sawKey(name: string | undefined): void {
    if (name === "paste-start") this.isPasting = true;
    if (name === "paste-end") this.isPasting = false;
  }

  /** The whole message, or undefined when it goes on. */
  add(line: string): string | undefined {
    if (this.isPasting) {
      this.#lines.push(line);
      return undefined;
    }
    if (line.endsWith("\\")) {
      this.#lines.push(line.slice(0, -1));
      return undefined;
    }
    return [...this.#lines, line].join("\n").trim();
  }

  clear(): void {
    this.#lines.length = 0;
    this.isPasting = false;
  }
}

function continueLine(lines: Interface): void {
  lines.setPrompt("… ");
  lines.prompt();
}
