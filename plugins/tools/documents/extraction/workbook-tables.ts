// What the cells of a workbook refer to: the texts that they share, and which styles show dates.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { readXml } from "./xml.ts";
import type { ZipParts } from "./zip-parts.ts";

/** UTF-16 units of all shared texts: they are held while the sheets are read. */
const MAX_SHARED = 60_000_000;

/** @throws ToolFailure `too_large` */
export async function readSharedStrings(parts: ZipParts, part: string): Promise<string[]> {
  const strings: string[] = [];
  let [isText, phonetic, total] = [false, 0, 0];
  let text = "";
  await readXml(parts.bytesOf(part), {
    open(name) {
      if (name === "si") text = "";
      // How a word is read, which stands beside it in Japanese and Chinese.
      else if (name === "rPh") phonetic += 1;
      else if (name === "t") isText = phonetic === 0;
    },
    text(piece) {
      if (!isText) return;
      text += piece;
      total += piece.length;
      if (total > MAX_SHARED) throw new ToolFailure("too_large", "Its texts are too large to be read.");
    },
    close(name) {
      if (name === "t") isText = false;
      else if (name === "rPh") phonetic -= 1;
      else if (name === "si") strings.push(text);
    },
  });
  return strings;
}

export type Styles = { isDate(style: number): boolean };

/** Formats that every program knows (ECMA-376 part 1, 18.8.30), those of China, Japan and Korea among them. */
const BUILT_IN_DATES: [number, number][] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

export async function readStyles(parts: ZipParts, part: string): Promise<Styles> {
  const ownDates = new Map<number, boolean>();
  const formats: number[] = [];
  let isInCells = false;
  await readXml(parts.bytesOf(part), {
    open(name, attributes) {
      if (name === "numFmt")
        ownDates.set(Number(attributes.numFmtId), isDateFormat(attributes.formatCode ?? ""));
      else if (name === "cellXfs") isInCells = true;
      else if (name === "xf" && isInCells) formats.push(Number(attributes.numFmtId ?? 0));
    },
    close(name) {
      if (name === "cellXfs") isInCells = false;
    },
  });
  return {
    isDate(style) {
      const format = formats[style] ?? 0;
      return ownDates.get(format) ?? BUILT_IN_DATES.some(([from, to]) => format >= from && format <= to);
    },
  };
}

/** Without its quoted texts, escapes, colours and conditions it has letters of dates and no digits of numbers. */
function isDateFormat(code: string): boolean {
  const [first = ""] = code.split(";");
  const letters = first.replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, "");
  return /[ymdhs]/i.test(letters) && !/[#?]|general/i.test(letters);
}
