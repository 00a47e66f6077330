// Writes a tar archive (POSIX.1-2001) as bytes, entry by entry.
import type { WrittenEntry } from "../archive-entry.ts";
import { BLOCK, makeHeader, makeRecord } from "./tar-header.ts";

/** What a header has room for: bytes of a name, and eight gigabytes. */
const LONGEST_NAME = 100;
const LARGEST = 0o77777777777;

export async function* tarBytes(entries: AsyncIterable<WrittenEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield* headersOf(entry);
    if (entry.kind !== "file") continue;
    for await (const piece of entry.content()) yield piece;
    yield padding(entry.size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

const TYPES = { file: "0", symlink: "2", directory: "5" };

function* headersOf(entry: WrittenEntry): Generator<Buffer> {
  const name = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const link = entry.kind === "symlink" ? entry.target : "";
  const size = entry.kind === "file" ? entry.size : 0;
  const mtime = entry.modified.getTime() / 1_000;
  const records = [
    ...(isLong(name) ? [makeRecord("path", name)] : []),
    ...(isLong(link) ? [makeRecord("linkpath", link)] : []),
    ...(size > LARGEST ? [makeRecord("size", String(size))] : []),
  ];
  if (records.length > 0) {
    const body = Buffer.concat(records);
    yield makeHeader({ name: "PaxHeader", mode: 0o644, size: body.length, mtime, type: "x", link: "" });
    yield body;
    yield padding(body.length);
  }
  yield makeHeader({
    name: isLong(name) ? cut(name) : name,
    mode: entry.mode & 0o777,
    size: size > LARGEST ? 0 : size,
    mtime,
    type: TYPES[entry.kind],
    link: isLong(link) ? cut(link) : link,
  });
}

const isLong = (text: string) => Buffer.byteLength(text) > LONGEST_NAME;
/** For readers that know no pax; never within a character. */
const cut = (text: string) => text.slice(0, LONGEST_NAME / 4);
const padding = (size: number) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
