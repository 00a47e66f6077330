// Replaces an exact piece of a text file for edit_file; edits of one file go one after the other.
import type { FileAccess } from "./boundary.ts";
import { FileProblem } from "./file-problem.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { openInPlace } from "./open-file.ts";
import { openPlace } from "./open-place.ts";
import { readWholeText } from "./text.ts";
import { writeInPlace } from "./write-atomically.ts";

export type Edit = { old_text: string; new_text: string; replace_all: boolean };
export type Edited = { path: string; replacements: number; bytes: number };

const MAX_FILE_BYTES = 5 * 1024 * 1024;

/**
 * Replaces `old_text`; the file keeps its mode and is replaced whole.
 * @throws FileProblem `text_not_found`, `not_unique`, `binary`, `too_large`, `changed`, and as `openFile`
 */
export async function editText(access: FileAccess, path: string, edit: Edit): Promise<Edited> {
  const place = await openPlace(access, path, { followLast: true });
  await using _directory = place.directory;
  return await oneAtATime(place.path, async () => {
    await using file = await openInPlace(place);
    const text = await readWholeText(file, MAX_FILE_BYTES);
    const replacements = countOf(text, edit.old_text);
    if (replacements === 0) throw missing(file.path, text, edit.old_text);
    if (replacements > 1 && !edit.replace_all) throw ambiguous(file.path, replacements);
    const edited = text.replaceAll(edit.old_text, () => edit.new_text);
    const unlessChanged = { overwrite: true, onlyIf: file.stats };
    const { bytes } = await writeInPlace(place, unlessChanged, (handle) => handle.writeFile(edited));
    return { path: file.path, replacements, bytes };
  });
}

function countOf(text: string, piece: string): number {
  let count = 0;
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) count += 1;
  return count;
}

function missing(path: string, text: string, piece: string): FileProblem {
  const crlf = text.includes("\r\n") && countOf(text.replaceAll("\r\n", "\n"), piece) > 0;
  const hint = crlf
    ? " The file ends its lines with \\r\\n: write them so."
    : " Read the file and copy the text exactly.";
  return new FileProblem("text_not_found", `old_text is not in "${path}".${hint}`);
}

const ambiguous = (path: string, places: number) =>
  new FileProblem(
    "not_unique",
    `old_text is in ${places} places of "${path}"; give more of the text around it, or set replace_all.`,
  );
