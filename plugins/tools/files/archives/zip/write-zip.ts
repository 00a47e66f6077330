// Writes a zip archive (PKWARE's APPNOTE 6.3) as bytes, entry by entry. Sizes and checksums follow each entry, so nothing is
// written twice; it stays below the 4 GB that need no further records.
import { crc32, createDeflateRaw } from "node:zlib";
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import type { WrittenEntry } from "../archive-entry.ts";
import { through } from "../through-zlib.ts";
import { centralHeader, dataDescriptor, endOfDirectory, localHeader, type ZipRecord } from "./zip-records.ts";

/** Without the records of zip64. */
const MAX_BYTES = 0xff_ff_ff_ff;

/** @throws FileProblem `too_large`, and what the entries throw */
export async function* zipBytes(entries: AsyncIterable<WrittenEntry>): AsyncGenerator<Buffer> {
  const records: ZipRecord[] = [];
  let at = 0;
  const counted = (bytes: Buffer) => {
    at += bytes.length;
    if (at > MAX_BYTES)
      throw new FileProblem(
        "too_large",
        "The archive would become larger than 4 GB, which a zip file cannot be; make a .tar.gz, or several.",
      );
    return bytes;
  };
  for await (const entry of entries) {
    const record: ZipRecord = { entry, at, crc: 0, size: 0, compressed: 0 };
    records.push(record);
    yield counted(localHeader(record));
    for await (const piece of compressed(entry, record)) yield counted(piece);
    yield counted(dataDescriptor(record));
  }
  const begin = at;
  for (const record of records) yield counted(centralHeader(record));
  yield counted(endOfDirectory(records.length, begin, at - begin));
}

/** The content as it is stored; fills in what the record says of it. */
async function* compressed(entry: WrittenEntry, record: ZipRecord): AsyncGenerator<Buffer> {
  if (entry.kind === "directory") return;
  const content = entry.kind === "file" ? entry.content() : once(Buffer.from(entry.target));
  const watched = (async function* () {
    for await (const piece of content) {
      record.crc = crc32(piece, record.crc);
      record.size += piece.length;
      yield piece;
    }
  })();
  for await (const piece of through(watched, createDeflateRaw())) {
    record.compressed += piece.length;
    yield piece;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
