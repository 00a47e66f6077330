// Answers of commands for people: tables in the width of the terminal, and lines. Whatever came from users, models and tools has lost its
// power over the terminal.
import { visibleLine } from "../terminal/clean-text.ts";
import { inColumns } from "../terminal/columns.ts";
import type { Screen } from "../terminal/screen.ts";

/** @param empty what is said when there are no rows */
export function table(heads: string[], rows: string[][], empty: string): (screen: Screen) => void {
  return (screen) => {
    if (rows.length === 0) return screen.note(empty);
    const clean = rows.map((row) => row.map(visibleLine));
    for (const line of inColumns(heads, clean, screen.columns, screen.colours)) screen.write(`${line}\n`);
  };
}

export function line(text: string): (screen: Screen) => void {
  return (screen) => screen.write(`${visibleLine(text)}\n`);
}

/** `agent-1a2b3c4d` of `agent-1a2b3c4d-…`: enough to know a process by, and to name it. */
export function shortProcess(id: string | null): string {
  return id?.replace(/^([\w-]+?-[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]+$/, "$1") ?? "–";
}
