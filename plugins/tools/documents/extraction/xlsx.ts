// Text of a workbook: each sheet as lines with tabs between the cells, dates as dates, formulas as the values they had.
import { type Relation, relationId, relationsOf } from "./package-parts.ts";
import { serialDate } from "./serial-date.ts";
import type { TextSink } from "./text-sink.ts";
import { readSharedStrings, readStyles, type Styles } from "./workbook-tables.ts";
import { readXml } from "./xml.ts";
import type { ZipParts } from "./zip-parts.ts";

/** A gap of more columns than this is shown by the name of the cell behind it. */
const WIDEST_GAP = 50;

type Sheet = { name: string; isHidden: boolean; part: string };
type Tables = { strings: string[]; styles: Styles; from1904: boolean };

/** @param part the main part */
export async function readXlsx(parts: ZipParts, part: string, sink: TextSink): Promise<{ sheets: number }> {
  const relations = await relationsOf(parts, part);
  const { sheets, from1904 } = await readWorkbook(parts, part, relations);
  const partOf = (type: string) => [...relations.values()].find((it) => it.type === type)?.target ?? "";
  const tables: Tables = {
    strings: await readSharedStrings(parts, partOf("sharedStrings")),
    styles: await readStyles(parts, partOf("styles")),
    from1904,
  };
  for (const { name, isHidden, part: sheet } of sheets) {
    if (sink.isFull) break;
    sink.begin(`sheet "${name}"${isHidden ? " (hidden)" : ""}`);
    await readSheet(parts, sheet, tables, sink);
  }
  return { sheets: sheets.length };
}

async function readWorkbook(parts: ZipParts, part: string, relations: Map<string, Relation>) {
  const sheets: Sheet[] = [];
  let from1904 = false;
  await readXml(parts.bytesOf(part), {
    open(tag, attributes) {
      if (tag === "workbookPr") from1904 = /^(1|true)$/.test(attributes.date1904 ?? "");
      const sheet = tag === "sheet" ? relations.get(relationId(attributes)) : undefined;
      if (!sheet) return;
      const { name = "", state = "visible" } = attributes;
      sheets.push({ name, isHidden: state !== "visible", part: sheet.target });
    },
  });
  return { sheets, from1904 };
}

type Cell = { reference: string; type: string; style: number; value: string };

async function readSheet(parts: ZipParts, part: string, tables: Tables, sink: TextSink): Promise<void> {
  let cell: Cell | undefined;
  let isValue = false;
  let phonetic = 0;
  let line: string[] = [];
  /** The column that the line has reached, and that of a cell which does not say its own. */
  let [column, next] = [0, 0];
  await readXml(parts.bytesOf(part), {
    open(name, { r = "", t = "n", s = "0" }) {
      if (name === "row") [line, column, next] = [[], 0, 0];
      else if (name === "c") cell = { reference: r, type: t, style: Number(s), value: "" };
      else if (name === "rPh") phonetic += 1;
      else if (name === "v" || (name === "t" && phonetic === 0)) isValue = true;
    },
    text(text) {
      if (isValue && cell) cell.value += text;
    },
    close(name) {
      if (name === "v" || name === "t") isValue = false;
      else if (name === "rPh") phonetic -= 1;
      else if (name === "c" && cell) {
        const at = columnOf(cell.reference) ?? next;
        next = at + 1;
        const text = shown(cell, tables).replace(/[\t\r\n]+/g, " ");
        const gap = at - column;
        if (text !== "") {
          line.push(gap > WIDEST_GAP ? `[${cell.reference}] ` : "\t".repeat(Math.max(0, gap)), text);
          column = at;
        }
        cell = undefined;
      } else if (name === "row") sink.write(`${line.join("")}\n`);
    },
    isDone: () => sink.isFull,
  });
}

/** From 0; undefined where the cell does not say. */
function columnOf(reference: string): number | undefined {
  const [letters] = /^[A-Z]{1,3}/.exec(reference) ?? [];
  if (letters === undefined) return undefined;
  return [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function shown({ type, style, value }: Cell, { strings, styles, from1904 }: Tables): string {
  if (type === "s") return strings[Number(value)] ?? "";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  if (type !== "n" || value === "" || !styles.isDate(style)) return value;
  return serialDate(Number(value), from1904) ?? value;
}
