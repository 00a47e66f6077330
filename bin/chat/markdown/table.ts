// A table of Markdown, once all its lines are there: columns of one width, aligned as its second line says.
import type { Colours } from "../../terminal/colours.ts";
import { widthOf } from "../../terminal/fit-line.ts";
import { Inline } from "./inline.ts";

type Align = "left" | "right" | "center";
type Cell = { shown: string; width: number };

const DELIMITER = /^ {0,3}\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;

/** Whether these lines, each with its pipes, are a table: the second one is made of dashes. */
export function isTable(lines: string[]): boolean {
  return lines.length >= 2 && DELIMITER.test(lines[1] ?? "");
}

/** @returns the lines to show, or undefined when the table is wider than the terminal */
export function tableLines(lines: string[], colours: Colours, columns: number): string[] | undefined {
  const [head = "", delimiter = "", ...body] = lines;
  const aligns = cellsOf(delimiter).map(alignOf);
  const rows = [head, ...body].map((line, index) => {
    const cells = cellsOf(line);
    return aligns.map((_align, column) => cell(cells[column] ?? "", colours, index === 0));
  });
  const widths = aligns.map((_align, column) => Math.max(1, ...rows.map((row) => row[column]?.width ?? 0)));
  if (widths.reduce((sum, width) => sum + width + 3, 0) > columns) return undefined;
  const { dim } = colours;
  const shown = rows.map((row) =>
    row.map((one, column) => pad(one, widths[column] ?? 0, aligns[column] ?? "left")).join(dim(" │ ")),
  );
  const rule = dim(widths.map((width) => "─".repeat(width)).join("─┼─"));
  return [shown[0] ?? "", rule, ...shown.slice(1)].map((line) => `  ${line}`.trimEnd());
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

function cell(text: string, colours: Colours, isHead: boolean): Cell {
  const look = (with_: Colours) => {
    const inline = new Inline(with_);
    inline.beginLine(isHead ? with_.bold : undefined);
    return inline.show(text, true).out;
  };
  const plain = Object.fromEntries(Object.keys(colours).map((name) => [name, (part: string) => part]));
  return { shown: look(colours), width: widthOf(look(plain as unknown as Colours)) };
}

function pad({ shown, width }: Cell, wanted: number, align: Align): string {
  const free = wanted - width;
  const before = align === "right" ? free : align === "center" ? Math.floor(free / 2) : 0;
  return " ".repeat(before) + shown + " ".repeat(free - before);
}
