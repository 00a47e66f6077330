// Finds a plain text in the lines of one file for find_in_file; of a long line what is around the text is shown.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { type FoundInFile, searchFile } from "./search-file.ts";
import type { WalkLimits } from "./walk-tree.ts";

/** Characters of a line that are searched: files of data have all in one line. */
const SEARCHED_OF_A_LINE = 1_048_576;

export type TextSearch = { query: string; caseSensitive: boolean; maxMatches: number };

/** @throws FileProblem `invalid_pattern`, `binary`, and as `openFile` */
export function findText(
  access: FileAccess & WalkLimits,
  path: string,
  { query, caseSensitive, maxMatches }: TextSearch,
): Promise<FoundInFile> {
  if (/[\n\r]/.test(query))
    throw new FileProblem(
      "invalid_pattern",
      "The query has a line break, and the file is searched line by line: search for one of its lines.",
    );
  const spelled = speller(caseSensitive);
  const wanted = spelled(query);
  return searchFile(access, path, {
    fits: (line) => spelled(line).includes(wanted),
    placeIn: (line) => Math.min(line.length, Math.max(0, spelled(line).indexOf(wanted))),
    contextLines: 0,
    maxMatches,
    longest: SEARCHED_OF_A_LINE,
  });
}

const IS_ASCII = /^[\0-\x7f]*$/;

/** The one spelling in which texts are compared, whichever way their accents are composed. */
export function speller(caseSensitive: boolean): (text: string) => string {
  return (text) => {
    const composed = IS_ASCII.test(text) ? text : text.normalize("NFC");
    return caseSensitive ? composed : composed.toLowerCase();
  };
}
