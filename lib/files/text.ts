// Bytes of a file as text: binary or not, which encoding, and no character cut in two. Used by reading and editing.
import type { FileHandle } from "node:fs/promises";
import { FileProblem } from "./file-problem.ts";
import type { OpenFile } from "./open-file.ts";

/** How much of a file's beginning tells whether it is binary; git looks as far. */
const BINARY_PROBE = 8_000;
/** The longest UTF-8 character, in bytes. */
const LONGEST_CHARACTER = 4;

/** Whether bytes look like anything but text: they have a NUL. */
export const isBinary = (bytes: Buffer): boolean => bytes.subarray(0, BINARY_PROBE).includes(0);

export type TextPart = {
  content: string;
  /** `windows-1252` where the bytes are not UTF-8: every byte is then one character. */
  encoding: "utf-8" | "windows-1252";
  /** Where the part begins: after `offset` when that was inside of a character. In bytes, like the two below. */
  offset: number;
  bytes: number;
  /** Size of the file. */
  size: number;
  truncated: boolean;
  /** Where to read on; null at the end. */
  next_offset: number | null;
};

/**
 * Reads up to `maxBytes` bytes from `offset`, a whole number of characters (at least one).
 * @throws FileProblem `binary`
 */
export async function readTextPart(file: OpenFile, offset: number, maxBytes: number): Promise<TextPart> {
  const { size } = file.stats;
  if (isBinary(await readBytes(file.handle, 0, BINARY_PROBE))) throw binaryProblem(file);
  const limit = Math.max(maxBytes, LONGEST_CHARACTER);
  const bytes = await readBytes(file.handle, offset, limit);
  if (bytes.includes(0)) throw binaryProblem(file);
  const atEnd = offset + bytes.length >= size;
  const whole = bytes.subarray(
    offset === 0 ? 0 : continuationBytes(bytes),
    atEnd ? bytes.length : endOfLastCharacter(bytes),
  );
  const utf8 = decodeUtf8(whole);
  const part = utf8 === undefined ? bytes : whole;
  const begin = utf8 === undefined || offset === 0 ? offset : offset + continuationBytes(bytes);
  const end = begin + part.length;
  return {
    content: utf8 ?? new TextDecoder("windows-1252").decode(part),
    encoding: utf8 === undefined ? "windows-1252" : "utf-8",
    offset: begin,
    bytes: part.length,
    size,
    truncated: end < size,
    next_offset: end < size ? end : null,
  };
}

/**
 * The whole file as UTF-8 text, a byte order mark kept.
 * @throws FileProblem `too_large`, `binary` (also when it is text in another encoding: writing it back would change it)
 */
export async function readWholeText(file: OpenFile, maxBytes: number): Promise<string> {
  const bytes = await readBytes(file.handle, 0, maxBytes + 1);
  if (bytes.length > maxBytes) {
    throw new FileProblem("too_large", `"${file.path}" is larger than ${maxBytes} bytes.`);
  }
  const text = bytes.includes(0) ? undefined : decodeUtf8(bytes);
  if (text === undefined) throw binaryProblem(file);
  return text;
}

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
export async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { size } = await handle.stat();
  // One byte more than there is, so that a file that grows is seen to.
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset + 1)));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The text of UTF-8 bytes, or undefined when they are none. */
function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const isContinuation = (byte: number) => (byte & 0xc0) === 0x80;

/** Bytes at the start that belong to a character before it. */
function continuationBytes(bytes: Buffer): number {
  let count = 0;
  while (count < LONGEST_CHARACTER - 1 && isContinuation(bytes[count] ?? 0)) count += 1;
  return count;
}

/** Where the last whole character ends; all bytes when they do not look like UTF-8. */
function endOfLastCharacter(bytes: Buffer): number {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function binaryProblem({ path, stats }: OpenFile): FileProblem {
  return new FileProblem("binary", `"${path}" is not a UTF-8 text file but binary (${stats.size} bytes).`);
}
