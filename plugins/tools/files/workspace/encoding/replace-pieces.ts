// Replaces a piece of a text, with the text's own line ends: a model writes `\n`, whatever the file has.
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import { LineEnds } from "./line-ends.ts";

export type Replacement = { old_text: string; new_text: string; replace_all: boolean };
type Piece = { at: number; end: number };

/** @throws FileProblem `text_not_found`, `not_unique` */
export function replacePieces(
  text: string,
  { old_text, new_text, replace_all }: Replacement,
  path: string,
): { text: string; replacements: number } {
  // Whoever writes `\r` says exactly what is meant.
  const exactly = old_text.includes("\r") || new_text.includes("\r");
  const same = piecesOf(text, old_text);
  const pieces =
    same.length > 0 || exactly || !old_text.includes("\n") ? same : piecesAcrossLines(text, old_text);
  if (pieces.length === 0) throw missing(path, text, old_text);
  const places = pieces.length === 1 ? placesFrom(text, old_text, pieces[0]) : pieces.length;
  if (places > 1 && !replace_all) throw ambiguous(path, places);
  const ends = new LineEnds(text);
  let result = "";
  let from = 0;
  for (const { at, end } of pieces) {
    const put = exactly || !new_text.includes("\n") ? new_text : ends.written(new_text, at, end);
    result += text.slice(from, at) + put;
    from = end;
  }
  return { text: result + text.slice(from), replacements: pieces.length };
}

function piecesOf(text: string, piece: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length))
    pieces.push({ at, end: at + piece.length });
  return pieces;
}

/** How many places a piece has that was found once: it may be there again, beginning within itself (`aXa` in `aXaXa`). */
function placesFrom(text: string, piece: string, found: Piece | undefined): number {
  let places = 0;
  for (let at = found?.at ?? -1; at !== -1; at = text.indexOf(piece, at + 1)) places += 1;
  return Math.max(1, places);
}

/** Each line break of the piece fits any line end of the text: found in the text with `\n` only, and mapped back. */
function piecesAcrossLines(text: string, piece: string): Piece[] {
  // Where the `\n` of each `\r\n` is in the text with `\n` only.
  const pairs = [...text.matchAll(/\r\n/g)].map(({ index }, before) => index - before);
  let passed = 0;
  const original = (at: number) => {
    while ((pairs[passed] ?? at) < at) passed += 1;
    return at + passed;
  };
  return piecesOf(text.replaceAll(/\r\n|\r/g, "\n"), piece).map(({ at, end }) => ({
    at: original(at),
    end: original(end),
  }));
}

function missing(path: string, text: string, piece: string): FileProblem {
  const lines = piece.replaceAll(/\r\n|\r/g, "\n");
  const hint =
    lines !== piece && piecesAcrossLines(text, lines).length > 0
      ? " Only its line ends differ: write them as \\n, and they are taken as the file has them."
      : " Read the file and copy the text exactly.";
  return new FileProblem("text_not_found", `old_text is not in "${path}".${hint}`);
}

const ambiguous = (path: string, places: number) =>
  new FileProblem(
    "not_unique",
    `old_text is in ${places} places of "${path}"; give more of the text around it, or set replace_all.`,
  );
