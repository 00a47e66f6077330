// The help of the REPL: how commands are typed and what they do, in two columns.
import { widthOf } from "../terminal/fit-line.ts";
import type { Texts } from "../terminal/texts.ts";
import type { Command } from "./room.ts";

/** What is longer has a line of its own: with what it does a line has 80 columns. */
const WIDEST = 28;

type Named = keyof Texts["repl"]["usage"];

export function helpOf(commands: readonly Command[], { repl }: Texts): string {
  const rows = commands.map(({ name }) => [repl.usage[name as Named], repl.does[name as Named]] as const);
  const width = Math.min(WIDEST, Math.max(...rows.map(([usage]) => widthOf(usage))));
  const lines = rows.map(([usage, does]) => {
    const gap =
      widthOf(usage) > width ? `\n${" ".repeat(width + 4)}` : " ".repeat(width - widthOf(usage) + 2);
    return `  ${usage}${gap}${does}\n`;
  });
  return `${lines.join("")}\n${repl.help}`;
}
