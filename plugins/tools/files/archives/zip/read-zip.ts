// Reads a zip archive by its directory, entry by entry. What is in it is checked against its checksums.
import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import type { OpenFile } from "../../workspace/open-file.ts";
import type { ReadEntry } from "../archive-entry.ts";
import { isZlibError } from "../through-zlib.ts";
import { namesOf } from "./zip-names.ts";

/** A link says no more. */
const LONGEST_TARGET = 4_096;
/** Of names, notes and the like in memory. */
const MOST_DIRECTORY_BYTES = 64 * 1_048_576;
const MADE_ON_UNIX = [3, 19];
const FILE_TYPE = 0o170000;
const TYPES = new Map<number, ReadEntry["kind"]>([
  [0, "file"],
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
]);

/** @throws FileProblem `bad_archive` */
export async function* readZip({ handle }: OpenFile, maxEntries: number): AsyncGenerator<ReadEntry> {
  const { fromFdPromise } = await import("yauzl");
  try {
    const zip = await fromFdPromise(handle.fd, { autoClose: false, decodeStrings: false });
    if (zip.entryCount > maxEntries)
      throw new FileProblem(
        "too_large",
        `The archive has ${zip.entryCount} entries; ${maxEntries} are the most.`,
      );
    const entries = await directoryOf(zip);
    const names = await namesOf(entries);
    for (const [at, entry] of entries.entries()) yield await entryOf(zip, entry, names[at] ?? "\ufffd");
  } catch (error: unknown) {
    throw damaged(error);
  }
}

/** All entries: what they are called in tells how to read their names. */
async function directoryOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    bytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (bytes > MOST_DIRECTORY_BYTES)
      throw new FileProblem(
        "too_large",
        "The names and notes in the archive are longer than those of any honest one.",
      );
    entries.push(entry);
  }
  return entries;
}

async function entryOf(zip: ZipFile, entry: Entry, path: string): Promise<ReadEntry> {
  // Who made it says what its attributes mean; Windows has no modes.
  const isUnix = MADE_ON_UNIX.includes(entry.versionMadeBy >> 8);
  const unixMode = isUnix ? entry.externalFileAttributes >>> 16 : 0;
  const kind = path.endsWith("/") ? "directory" : TYPES.get(unixMode & FILE_TYPE);
  const modified = entry.getLastModDate();
  const known = {
    path,
    size: entry.uncompressedSize,
    mode: unixMode === 0 ? undefined : unixMode & 0o7777,
    modified: Number.isNaN(modified.getTime()) ? undefined : modified,
    content: () => contentOf(zip, entry, path),
  };
  if (entry.isEncrypted()) return { ...known, kind: "other", words: "encrypted file" };
  if (!entry.canDecodeFileData())
    return {
      ...known,
      kind: "other",
      words: `file compressed in a way (${entry.compressionMethod}) that is not known here`,
    };
  if (kind === undefined) return { ...known, kind: "other", words: "special file" };
  if (kind !== "symlink") return { ...known, kind };
  if (entry.uncompressedSize > LONGEST_TARGET)
    return { ...known, kind: "other", words: "link with a target that is too long" };
  const target = Buffer.concat(await Array.fromAsync(known.content()));
  return { ...known, kind, target: target.toString("utf8") };
}

async function* contentOf(zip: ZipFile, entry: Entry, path: string): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error: unknown) {
    throw damaged(error);
  }
  if (sum !== entry.crc32)
    throw new FileProblem("bad_archive", `The archive is damaged: the checksum of "${path}" is wrong.`);
}

/** What the library or zlib says of an archive that is not as it must be; everything else stays as it is. */
function damaged(error: unknown): unknown {
  const { name, code, message } = (error ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  const isTheirs = name === "Error" && (code === undefined || isZlibError(error));
  return isTheirs
    ? new FileProblem("bad_archive", `The archive is damaged, or no zip file: ${message}.`)
    : error;
}
