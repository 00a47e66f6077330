// Reads a tar archive from its bytes, entry by entry, in bounded memory.
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import type { ReadEntry } from "../archive-entry.ts";
import { ByteSource, endedEarly } from "./byte-source.ts";
import { BLOCK, parseHeader, parseRecords, type TarHeader, utf8 } from "./tar-header.ts";

/** Long names and the like; more is an attack. */
const LONGEST_EXTRA = 1_048_576;
const MOST_EXTRAS = 20;
/** Zeros behind the end: writers fill up a block of theirs. */
const MOST_BEHIND = 16 * 1_048_576;
/** Of these there is never content, whatever size is given. */
const WITHOUT_CONTENT = ["1", "2", "3", "4", "5", "6"];
const OTHER: Record<string, string> = {
  "1": "hard link",
  "3": "device",
  "4": "device",
  "6": "FIFO",
  S: "sparse file",
};

/** What stands before an entry and says more of it than its header can. */
type Extra = {
  path?: string | undefined;
  link?: string | undefined;
  size?: number;
  mtime?: number;
  isSparse?: boolean;
};

/** @throws FileProblem `bad_archive`, and what the bytes throw */
export async function* readTar(bytes: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const source = new ByteSource(bytes);
  let extra: Extra = {};
  let extras = 0;
  for (;;) {
    const block = await source.take(BLOCK);
    const header = block && parseHeader(block);
    // Some writers leave out the zeros at the end.
    if (!header) break;
    if (EXTRAS.includes(header.type)) {
      extras += 1;
      if (extras > MOST_EXTRAS)
        throw new FileProblem("bad_archive", "The archive has headers upon headers and no entry.");
      extra = { ...extra, ...(await readExtra(source, header)) };
      continue;
    }
    const entry = entryOf(header, extra);
    const { size } = entry;
    extra = {};
    extras = 0;
    const content = source.part(size);
    yield { ...entry, content: () => content.bytes() };
    await content.skip();
    await source.skip(padding(size));
  }
  // To its end, so that a decompressor sees its own checksum.
  await source.drain(MOST_BEHIND);
}

/** pax, pax for all that follows, and GNU's long names and link names. */
const EXTRAS = ["x", "g", "L", "K"];

async function readExtra(source: ByteSource, { type, size }: TarHeader): Promise<Extra> {
  if (size > LONGEST_EXTRA)
    throw new FileProblem(
      "bad_archive",
      `The archive has a name or a header of ${size} bytes, which no honest one has.`,
    );
  const bytes = await source.take(size);
  if (!bytes) throw endedEarly();
  await source.skip(padding(size));
  const name = bytes.subarray(0, bytes.indexOf(0) === -1 ? bytes.length : bytes.indexOf(0));
  if (type === "L") return { path: utf8(name) ?? "\ufffd" };
  if (type === "K") return { link: utf8(name) ?? "\ufffd" };
  // What is said for all is the time of an export, or a comment.
  return type === "x" ? paxExtra(parseRecords(bytes)) : {};
}

function paxExtra(records: Map<string, string | undefined>): Extra {
  const extra: Extra = {};
  const text = (key: string) => records.get(key) ?? "\ufffd";
  if (records.has("path")) extra.path = text("path");
  if (records.has("linkpath")) extra.link = text("linkpath");
  if (records.has("mtime")) extra.mtime = Number(text("mtime"));
  if (records.has("size")) {
    const size = text("size");
    if (!/^\d{1,15}$/.test(size))
      throw new FileProblem("bad_archive", "The archive is damaged: a size is no number.");
    extra.size = Number(size);
  }
  if ([...records.keys()].some((key) => key.startsWith("GNU.sparse."))) extra.isSparse = true;
  return extra;
}

function entryOf(header: TarHeader, extra: Extra): Omit<ReadEntry, "content"> {
  const path = extra.path ?? header.name ?? "\ufffd";
  const mtime = extra.mtime ?? header.mtime;
  const known = {
    path,
    mode: header.mode,
    size: WITHOUT_CONTENT.includes(header.type) ? 0 : (extra.size ?? header.size),
    modified: Number.isFinite(mtime) ? new Date(mtime * 1_000) : undefined,
  };
  if (extra.isSparse) return { ...known, kind: "other", words: "sparse file" };
  if (header.type === "5") return { ...known, kind: "directory" };
  if (header.type === "2")
    return { ...known, kind: "symlink", target: extra.link ?? header.link ?? "\ufffd" };
  // Of old: a folder is told by its name alone.
  if (header.type === "0" || header.type === "7")
    return { ...known, kind: path.endsWith("/") ? "directory" : "file" };
  return {
    ...known,
    kind: "other",
    words: OTHER[header.type] ?? `entry of type ${JSON.stringify(header.type)}`,
  };
}

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK;
