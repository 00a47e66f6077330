// Adds text to the end of a file for append_file, in the encoding and with the line ends of what is there; changes of one file go
// one after the other.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { decode, type Encoding, encode, encodeLong, newMark, wholeCharacters } from "./encoding/encodings.ts";
import { agreedBytes, type KnownText, lookAtText } from "./encoding/known-text.ts";
import { lastLineEnd, lineEndOf, withLineEnds } from "./encoding/line-ends.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { openInPlace } from "./open-file.ts";
import { openPlace } from "./open-place.ts";

export type Addition = {
  text: string;
  /** Make the file when it is missing. */
  create: boolean;
  /** The encoding that the file is in, or is to be made in, as the caller says; found out unless given. */
  encoding?: Encoding | undefined;
};
export type Appended = {
  path: string;
  /** Added. */
  bytes: number;
  /** Of the file then. */
  size: number;
  encoding: Encoding;
  /** The file did not end with a line break, so what was added goes on its last line. */
  joins_last_line?: true;
};

/**
 * @throws FileProblem as `openFile`, `binary`, `not_in_encoding`, `encoding_unsure`; on `no_space` a part of the text may be in
 * the file
 */
export async function appendText(access: FileAccess, path: string, addition: Addition): Promise<Appended> {
  const { create, encoding: named } = addition;
  const place = await openPlace(access, path, { purpose: "change", followLast: true });
  await using _directory = place.directory;
  return await oneAtATime(place.path, async () => {
    // A file that is made only to find that its text cannot be written would stay behind.
    if (!place.stats && named) encode(addition.text, named, place.path);
    await using file = await openInPlace(place, { mode: "append", create });
    const { size: before } = await file.handle.stat();
    const known =
      before > 0 ? await lookAtText(file.handle, { path: file.path, size: before }, named) : undefined;
    const encoding = known?.detected.encoding ?? named ?? "utf-8";
    const bytes = known
      ? await addedTo(known, addition.text, file.path)
      : Buffer.concat([newMark(encoding), encode(addition.text, encoding, file.path)]);
    await file.handle.appendFile(bytes);
    await file.handle.sync();
    const { size } = await file.handle.stat();
    const joins = known !== undefined && addition.text !== "" && !/[\n\r]$/.test(endOf(known));
    return {
      ...{ path: file.path, bytes: bytes.length, size, encoding },
      ...(joins ? { joins_last_line: true } : {}),
    };
  });
}

const endOf = ({ end, detected }: KnownText) => decode(end, detected.encoding) || "\n";

function addedTo(known: KnownText, text: string, path: string): Promise<Buffer> {
  const { detected, end } = known;
  const there = endOf(known);
  const added = withLineEnds(text, lineEndOf(there) ?? lastLineEnd(there));
  return agreedBytes(detected, path, async (encoding) => {
    // In UTF-8 a character that was cut takes nothing of the next one with it.
    if (encoding !== "utf-8" && wholeCharacters(end, encoding) < end.length)
      throw new FileProblem(
        "binary",
        `"${path}" is written in ${encoding} and ends in the middle of a character; nothing was added.`,
      );
    return encodeLong(added, encoding, path);
  });
}
