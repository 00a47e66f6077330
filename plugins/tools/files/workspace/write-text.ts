// Writes a text file whole for write_file. What it replaces gives its encoding and its line ends to the new text.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import { decode, type Encoding, encodeLong, markBytes, newMark } from "./encoding/encodings.ts";
import { agreedBytes, type KnownText, lookAtText } from "./encoding/known-text.ts";
import { lineEndOf, withLineEnds } from "./encoding/line-ends.ts";
import type { OpenFile } from "./open-file.ts";
import { type Written, writeAtomically } from "./write-atomically.ts";

export type NewText = {
  content: string;
  overwrite: boolean;
  /** The encoding to write it in; that of the file that is replaced unless given, UTF-8 for a new one. */
  encoding?: Encoding | undefined;
};

/** @throws FileProblem as `writeAtomically`; `binary`, `not_in_encoding`, `encoding_unsure` for what would be replaced */
export async function writeText(
  access: FileAccess,
  path: string,
  { content, overwrite, encoding: named }: NewText,
): Promise<Written & { encoding: Encoding }> {
  let encoding: Encoding = named ?? "utf-8";
  const written = await writeAtomically(access, path, { overwrite }, async (handle, old) => {
    const replaced = old && old.stats.size > 0 ? await textOf(old, named) : undefined;
    encoding = named ?? replaced?.detected.encoding ?? "utf-8";
    await handle.writeFile(
      replaced
        ? await inPlaceOf(replaced, content, named, path)
        : Buffer.concat([newMark(encoding), await encodeLong(content, encoding, path)]),
    );
  });
  return { ...written, encoding };
}

/** Undefined for what need not be known when the encoding is given. */
async function textOf(old: OpenFile, named: Encoding | undefined): Promise<KnownText | undefined> {
  const { size } = old.stats;
  try {
    return await lookAtText(old.handle, { path: old.path, size });
  } catch (error: unknown) {
    if (named && isProblem(error, "binary", "not_in_encoding")) return undefined;
    if (!isProblem(error, "binary")) throw error;
    throw new FileProblem(
      "binary",
      `"${old.path}" is not a text file but binary (${size} bytes), so it is not replaced by a text. Move it to the trash first, or say with "encoding" that a text is to take its place.`,
    );
  }
}

/** The bytes of a text that takes the place of another. */
async function inPlaceOf(
  { detected, end }: KnownText,
  content: string,
  named: Encoding | undefined,
  path: string,
): Promise<Buffer> {
  const encoding = named ?? detected.encoding;
  const isKept = encoding === detected.encoding;
  const mark = isKept ? markBytes(encoding).subarray(0, detected.mark) : newMark(encoding);
  const lines = withLineEnds(content, lineEndOf(decode(end, detected.encoding)));
  // A mark that the content begins with would be the second one.
  const text = mark.length > 0 ? lines.replace(/^\ufeff/, "") : lines;
  const bytes = named
    ? await encodeLong(text, named, path)
    : await agreedBytes(detected, path, (each) => encodeLong(text, each, path));
  return Buffer.concat([mark, bytes]);
}
