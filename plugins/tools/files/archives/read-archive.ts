// Opens an archive by what it is, not by its name.
import { createGunzip } from "node:zlib";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import type { OpenFile } from "../workspace/open-file.ts";
import { readBytes } from "../workspace/read-bytes.ts";
import { type ArchiveFormat, MAX_ENTRIES, type ReadEntry } from "./archive-entry.ts";
import { bytesOf } from "./file-bytes.ts";
import { readTar } from "./tar/read-tar.ts";
import { isZlibError, through } from "./through-zlib.ts";
import { readZip } from "./zip/read-zip.ts";

/** @throws FileProblem `bad_archive` when it is none of these */
export async function formatOf({ handle, path }: OpenFile): Promise<ArchiveFormat> {
  const head = await readBytes(handle, 0, 512);
  const magic = head.toString("latin1", 0, 4);
  if (magic === "PK\x03\x04" || magic === "PK\x05\x06") return "zip";
  if (magic.startsWith("\x1f\x8b")) return "tar.gz";
  if (head.toString("latin1", 257, 262) === "ustar") return "tar";
  throw new FileProblem("bad_archive", `"${path}" is no zip, tar.gz or tar archive.`);
}

/** Its entries in their order. May be asked for several times, one after the other. @throws FileProblem `bad_archive` */
export function entriesOf(
  file: OpenFile,
  format: ArchiveFormat,
  signal: AbortSignal,
): AsyncGenerator<ReadEntry> {
  if (format === "zip") return readZip(file, MAX_ENTRIES);
  const bytes = bytesOf(file.handle, signal);
  return format === "tar" ? readTar(bytes) : readCompressed(bytes, file.path);
}

async function* readCompressed(bytes: AsyncIterable<Buffer>, path: string): AsyncGenerator<ReadEntry> {
  try {
    yield* readTar(through(bytes, createGunzip()));
  } catch (error: unknown) {
    if (!isZlibError(error)) throw error;
    throw new FileProblem("bad_archive", `"${path}" is damaged or not whole: ${(error as Error).message}.`);
  }
}
