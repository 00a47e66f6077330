// A table of Markdown, once all its lines are there: columns of one width, aligned as its second line says. What is wider than
// the terminal is wrapped inside its columns, between words; where even words do not fit, each row becomes a list of its cells.
import type { Colours } from "../../terminal/colours.ts";
import { widthOf } from "../../terminal/fit-line.ts";
import { longestWord, wrapText } from "../../terminal/wrap.ts";
import { columnWidths } from "./column-widths.ts";
import { Inline } from "./inline.ts";
import { styledLines } from "./styled-lines.ts";

type Align = "left" | "right" | "center";
/** What a cell says, without and with its looks. */
type Cell = { plain: string; shown: string };

const DELIMITER = /^ {0,8}\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;
const INDENT = "  ";
const BETWEEN = 3;

/** Whether these lines, each with its pipes, are a table: the second one is made of dashes. */
export function isTable(lines: string[]): boolean {
  return lines.length >= 2 && DELIMITER.test(lines[1] ?? "");
}

/** @returns the lines to show, none wider than the terminal */
export function tableLines(lines: string[], colours: Colours, columns: number): string[] {
  const [head = "", delimiter = "", ...body] = lines;
  const aligns = cellsOf(delimiter).map(alignOf);
  const rows = [head, ...body].map((line, index) => {
    const cells = cellsOf(line);
    return aligns.map((_align, column) => cellOf(cells[column] ?? "", colours, index === 0));
  });
  const wishes = aligns.map((_align, column) => ({
    natural: Math.max(1, ...rows.map((row) => widthOf(row[column]?.plain ?? ""))),
    least: Math.max(1, ...rows.map((row) => longestWord(row[column]?.plain ?? ""))),
  }));
  const room = columns - INDENT.length - BETWEEN * (aligns.length - 1);
  const widths = columnWidths(wishes, room);
  return widths ? inColumns(rows, widths, aligns, colours) : asLists(rows, colours, columns);
}

function inColumns(rows: Cell[][], widths: number[], aligns: Align[], { dim }: Colours): string[] {
  const shown = rows.map((row) => {
    const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? 1));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, column) => pad(cell[line], widths[column] ?? 0, aligns[column] ?? "left"))
        .join(dim(" │ ")),
    );
  });
  const rule = dim(widths.map((width) => "─".repeat(width)).join("─┼─"));
  // Rows of several lines are told apart by a thin line of their own.
  const isTall = shown.slice(1).some(({ length }) => length > 1);
  const thin = dim(widths.map((width) => "┈".repeat(width)).join("┈┼┈"));
  const [head = [], ...body] = shown;
  const lines = body.flatMap((row, index) => (isTall && index > 0 ? [thin, ...row] : row));
  return [...head, rule, ...lines].map((line) => `${INDENT}${line}`.trimEnd());
}

/** `Head: cell`, one below the other, a rule between rows. */
function asLists([head = [], ...body]: Cell[][], { dim, bold }: Colours, columns: number): string[] {
  const room = columns - 2 * INDENT.length;
  const blocks = body.map((row) =>
    row.flatMap((cell, column) => {
      const name = head[column]?.plain ?? "";
      if (cell.plain === "") return [];
      if (widthOf(name) + widthOf(cell.plain) + 2 <= room)
        return [`${INDENT}${name === "" ? "" : `${bold(name)}: `}${cell.shown}`];
      return [
        ...(name === "" ? [] : wrapText(name, room).map((line) => INDENT + bold(line))),
        ...wrapped(cell, room).map(({ shown }) => INDENT + INDENT + shown),
      ];
    }),
  );
  const rule = INDENT + dim("─".repeat(Math.min(20, room)));
  return blocks.flatMap((block, index) => (index === 0 ? block : [rule, ...block]));
}

function wrapped({ plain, shown }: Cell, width: number): { shown: string; width: number }[] {
  const lines = wrapText(plain, width);
  const styled = styledLines(shown, lines);
  return lines.map((line, index) => ({ shown: styled[index] ?? "", width: widthOf(line) }));
}

/** The texts between the pipes; `\|` is none. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).map((text) => text.trim().replaceAll("\\|", "|"));
}

function alignOf(dashes: string): Align {
  if (dashes.startsWith(":") && dashes.endsWith(":")) return "center";
  return dashes.endsWith(":") ? "right" : "left";
}

function cellOf(text: string, colours: Colours, isHead: boolean): Cell {
  // A cell has no other way to begin a new line.
  const source = text.replaceAll(/ *<br ?\/?> */gi, " ");
  const look = (with_: Colours) => {
    const inline = new Inline(with_);
    inline.beginLine(isHead ? with_.bold : undefined);
    return inline.show(source, true).out;
  };
  const plain = Object.fromEntries(Object.keys(colours).map((name) => [name, (part: string) => part]));
  return { plain: look(plain as unknown as Colours).replaceAll(/\s+/gu, " "), shown: look(colours) };
}

function pad(cell: { shown: string; width: number } | undefined, wanted: number, align: Align): string {
  if (!cell) return " ".repeat(wanted);
  const free = wanted - cell.width;
  const before = align === "right" ? free : align === "center" ? Math.floor(free / 2) : 0;
  return " ".repeat(before) + cell.shown + " ".repeat(free - before);
}
