// Breaks text into lines of so many columns: between words, also those of Chinese and Japanese, which stand without spaces.
import { widthOf } from "./fit-line.ts";

/** A piece that stays whole where it fits; `glue` is the space before it. */
type Piece = { text: string; glue: string };

/** Scripts that stand without spaces. */
export const CJK =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;
/** Never at the beginning of a line. */
export const CLOSING = /^[\p{Pe}\p{Pf}，。、；：！？…·～,.;:!?%‰℃—]/u;
/** Never at its end. */
export const OPENING = /[\p{Ps}\p{Pi}¥$￥#]$/u;

const words = new Intl.Segmenter("zh", { granularity: "word" });
const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** @param text one line without escape sequences. @returns at least one line, none wider than `columns` (2 or more) */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const { text: piece, glue } of piecesOf(text)) {
    const joined = line === "" ? piece : line + glue + piece;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const parts = widthOf(piece) <= columns ? [piece] : brokenUp(piece, columns);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? "";
  }
  return [...lines, line];
}

/** The width below which a word would have to be broken. */
export function longestWord(text: string): number {
  return Math.max(0, ...piecesOf(text).map((piece) => widthOf(piece.text)));
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let glue = "";
  for (const { segment } of words.segment(text)) {
    if (/^\s+$/u.test(segment)) {
      glue = " ";
      continue;
    }
    const last = pieces.at(-1);
    if (last && glue === "" && !mayBreak(last.text, segment)) last.text += segment;
    else pieces.push({ text: segment, glue });
    glue = "";
  }
  return pieces;
}

/** Between two pieces without a space: only where one of them is of a script without spaces, and no sign is torn off. */
function mayBreak(before: string, after: string): boolean {
  if (CLOSING.test(after) || OPENING.test(before)) return false;
  return CJK.test([...before].at(-1) ?? "") || CJK.test([...after][0] ?? "");
}

function brokenUp(piece: string, columns: number): string[] {
  const parts: string[] = [];
  let part = "";
  for (const { segment } of characters.segment(piece)) {
    if (part !== "" && widthOf(part + segment) > columns) {
      parts.push(part);
      part = "";
    }
    part += segment;
  }
  return [...parts, part];
}
