// Replaces an exact piece of a text file for edit_file, in the encoding of the file; edits of one file go one after the other.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { detectEncoding } from "./encoding/detect-encoding.ts";
import { decodeLong, type Encoding, encodeLong, survivesLong } from "./encoding/encodings.ts";
import { agreedBytes, asNamed, writable } from "./encoding/known-text.ts";
import { replacePieces } from "./encoding/replace-pieces.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { openInPlace } from "./open-file.ts";
import { openPlace } from "./open-place.ts";
import { readBytes } from "./read-bytes.ts";
import { writeInPlace } from "./write-atomically.ts";

export type Edit = {
  old_text: string;
  new_text: string;
  replace_all: boolean;
  /** The encoding that the file is in, as the caller says; found out unless given. */
  encoding?: Encoding | undefined;
};
export type Edited = { path: string; replacements: number; bytes: number; encoding: Encoding };

const MAX_FILE_BYTES = 5 * 1024 * 1024;

/**
 * Replaces `old_text`; the file keeps its mode, encoding and line ends, and is replaced whole.
 * @throws FileProblem `text_not_found`, `not_unique`, `binary`, `not_in_encoding`, `encoding_unsure`, `too_large`, `changed`, and
 * as `openFile`
 */
export async function editText(access: FileAccess, path: string, edit: Edit): Promise<Edited> {
  const place = await openPlace(access, path, { purpose: "change", followLast: true });
  await using _directory = place.directory;
  return await oneAtATime(place.path, async () => {
    await using file = await openInPlace(place);
    const old = await readBytes(file.handle, 0, MAX_FILE_BYTES + 1);
    if (old.length > MAX_FILE_BYTES)
      throw new FileProblem("too_large", `"${file.path}" is larger than ${MAX_FILE_BYTES} bytes.`);
    const { bytes: edited, replacements, encoding } = await editedBytes(old, edit, file.path);
    const unlessChanged = { overwrite: true, onlyIf: file.stats };
    const { bytes } = await writeInPlace(place, unlessChanged, (handle) => handle.writeFile(edited));
    return { path: file.path, replacements, bytes, encoding };
  });
}

async function editedBytes(old: Buffer, edit: Edit, path: string) {
  const detected = edit.encoding
    ? asNamed(old, edit.encoding, path)
    : writable(await detectEncoding({ head: old, cut: false, piece: Buffer.alloc(0) }), {
        path,
        size: old.length,
      });
  const text = old.subarray(detected.mark);
  let replacements = 0;
  const bytes = await agreedBytes(detected, path, async (encoding) => {
    const decoded = await decodeLong(text, encoding);
    if (!(await survivesLong(text, decoded, encoding))) throw notWholly(path, encoding);
    const replaced = replacePieces(decoded, edit, path);
    replacements = replaced.replacements;
    return encodeLong(replaced.text, encoding, path);
  });
  return {
    bytes: Buffer.concat([old.subarray(0, detected.mark), bytes]),
    replacements,
    encoding: detected.encoding,
  };
}

const notWholly = (path: string, encoding: Encoding) =>
  new FileProblem(
    "binary",
    `"${path}" is written in ${encoding}, but has bytes that are no characters of it: writing it back would change them. Nothing was changed.`,
  );
