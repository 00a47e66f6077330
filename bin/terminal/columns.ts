// Rows of cells in columns; where the terminal is narrower than they are, each row becomes a list of its cells.
import type { Colours } from "./colours.ts";
import { widthOf } from "./fit-line.ts";

const BETWEEN = "  ";

/** @param rows cells without escape sequences, as many as there are heads. @param columns the width of the terminal */
export function inColumns(heads: string[], rows: string[][], columns: number, { bold }: Colours): string[] {
  const widths = heads.map((head, index) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const total = widths.reduce((sum, width) => sum + width, BETWEEN.length * (heads.length - 1));
  if (total > columns) return asLists(heads, rows, { bold });
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - widthOf(cell)))
      .join(BETWEEN)
      .trimEnd();
  return [bold(line(heads)), ...rows.map(line)];
}

function asLists(heads: string[], rows: string[][], { bold }: Pick<Colours, "bold">): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...row.map((cell, column) => `${bold(heads[column] ?? "")}: ${cell}`),
  ]);
}
