// The records of a zip archive as bytes (PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16), with Info-ZIP's time and modes of Unix.
import type { WrittenEntry } from "../archive-entry.ts";

export type ZipRecord = {
  entry: WrittenEntry;
  /** Where it begins in the archive. */
  at: number;
  crc: number;
  size: number;
  compressed: number;
};

/** Sizes follow the content; names are UTF-8. */
const FLAGS = 0x0808;
const VERSION = 20;
const MADE_ON_UNIX = 3 << 8;
const DEFLATED = 8;
const FILE_TYPES = { file: 0o100000, directory: 0o040000, symlink: 0o120000 };

export function localHeader({ entry }: ZipRecord): Buffer {
  const [name, extra] = [nameOf(entry), timeOf(entry)];
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, entry);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

export function dataDescriptor({ crc, size, compressed }: ZipRecord): Buffer {
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(compressed, 8);
  descriptor.writeUInt32LE(size, 12);
  return descriptor;
}

export function centralHeader({ entry, at, crc, size, compressed }: ZipRecord): Buffer {
  const [name, extra] = [nameOf(entry), timeOf(entry)];
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_ON_UNIX | VERSION, 4);
  writeCommon(header, 6, entry);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(compressed, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  const mode = (FILE_TYPES[entry.kind] | (entry.mode & 0o777)) << 16;
  header.writeUInt32LE((mode | (entry.kind === "directory" ? 0x10 : 0)) >>> 0, 38);
  header.writeUInt32LE(at, 42);
  return Buffer.concat([header, name, extra]);
}

export function endOfDirectory(entries: number, at: number, size: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return end;
}

/** Version, flags, method and time, which both headers of an entry have. */
function writeCommon(header: Buffer, at: number, { kind, modified }: WrittenEntry): void {
  header.writeUInt16LE(VERSION, at);
  header.writeUInt16LE(FLAGS, at + 2);
  header.writeUInt16LE(kind === "directory" ? 0 : DEFLATED, at + 4);
  const year = Math.min(Math.max(modified.getFullYear(), 1980), 2107);
  header.writeUInt16LE(
    (modified.getHours() << 11) | (modified.getMinutes() << 5) | (modified.getSeconds() >> 1),
    at + 6,
  );
  header.writeUInt16LE(((year - 1980) << 9) | ((modified.getMonth() + 1) << 5) | modified.getDate(), at + 8);
}

function nameOf({ path, kind }: WrittenEntry): Buffer {
  return Buffer.from(kind === "directory" ? `${path}/` : path);
}

/** Info-ZIP's "UT" field: the time of change in seconds since 1970. */
function timeOf({ modified }: WrittenEntry): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x5455, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(1, 4);
  const seconds = Math.floor(modified.getTime() / 1_000);
  field.writeInt32LE(Math.min(Math.max(seconds, -0x80000000), 0x7fffffff), 5);
  return field;
}
