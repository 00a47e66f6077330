// The 512 bytes before each entry of a tar archive, read and written: POSIX.1-2001 ustar and pax, and what GNU tar adds.
import { FileProblem } from "../../../../../lib/files/file-problem.ts";

export const BLOCK = 512;

export type TarHeader = {
  /** Undefined when its bytes are not UTF-8. */
  name: string | undefined;
  mode: number;
  size: number;
  /** Seconds since 1970; NaN when it is no such number. */
  mtime: number;
  /** One character, `0` for an old archive's NUL. */
  type: string;
  link: string | undefined;
};

/** Undefined for a block of zeros, which ends the archive. @throws FileProblem `bad_archive` */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (numberIn(block, 148, 8) !== sum)
    throw new FileProblem(
      "bad_archive",
      "The archive is damaged, or no tar archive: the sum of a header is wrong.",
    );
  const size = numberIn(block, 124, 12);
  if (!Number.isSafeInteger(size))
    throw new FileProblem("bad_archive", "The archive is damaged: a size is no number.");
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? textIn(block, 345, 155) : "";
  const name = textIn(block, 0, 100);
  return {
    name: prefix && name !== undefined ? `${prefix}/${name}` : name,
    mode: numberIn(block, 100, 8) & 0o7777,
    size,
    mtime: numberIn(block, 136, 12),
    type: block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0),
    link: textIn(block, 157, 100),
  };
}

function textIn(block: Buffer, at: number, length: number): string | undefined {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8(end === -1 ? field : field.subarray(0, end));
}

/** Undefined for bytes that are not UTF-8. */
export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Octal digits, or GNU's binary numbers where the first bit is set; NaN for what is neither, or below zero. */
function numberIn(block: Buffer, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  const first = block[at] ?? 0;
  if (first === 0x80) return field.subarray(1).reduce((total, byte) => total * 256 + byte, 0);
  const [digits] = /^[0-7 ]*/.exec(field.toString("latin1")) ?? [""];
  return first > 0x80 ? Number.NaN : Number.parseInt(digits.trim() || "0", 8);
}

/** A header of ustar. What does not fit in it stands in a pax header before it. */
export function makeHeader({ name = "", mode, size, mtime, type, link = "" }: TarHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, "utf8");
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, "0"), at, length - 1, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.max(0, Math.floor(mtime)), 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write(link, 157, 100, "utf8");
  block.write("ustar\x0000", 257, "latin1");
  octal(
    block.reduce((total, byte) => total + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}

/** The records of a pax header (`27 path=…\n`). @throws FileProblem `bad_archive` */
export function parseRecords(bytes: Buffer): Map<string, string | undefined> {
  const records = new Map<string, string | undefined>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    const equals = bytes.indexOf(0x3d, space);
    const end = at + length;
    const isRecord =
      space !== -1 &&
      equals !== -1 &&
      Number.isSafeInteger(length) &&
      equals < end &&
      bytes[end - 1] === 0x0a;
    if (!isRecord)
      throw new FileProblem("bad_archive", "The archive is damaged: a pax header is not as it must be.");
    records.set(bytes.toString("utf8", space + 1, equals), utf8(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

export function makeRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
