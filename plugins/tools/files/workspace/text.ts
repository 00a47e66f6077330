// A part of a text file: its encoding named, and no character cut in two. Used by reading and by the search in files.
import { type Detected, detectEncoding } from "./encoding/detect-encoding.ts";
import { characterLength, decode, type Encoding, wholeCharacters } from "./encoding/encodings.ts";
import { asNamed, binaryProblem } from "./encoding/known-text.ts";
import type { OpenFile } from "./open-file.ts";
import { readBytes } from "./read-bytes.ts";

/** How much of a file's beginning tells whether it is binary; git looks as far. */
const BINARY_PROBE = 8_000;
/** How much tells an old encoding. */
const ENCODING_PROBE = 65_536;
/** How far back a line break is looked for. */
const LOOKED_BACK = 65_536;
/** The longest character of any encoding, in bytes. */
const LONGEST_CHARACTER = 4;

export type TextPart = {
  content: string;
  encoding: Encoding | "iso-2022-jp";
  /** The file begins with one; it is no part of the content. */
  byte_order_mark?: true;
  /** Where it is in none of the Unicode encodings and may be in one of these as well. */
  other_encodings?: Encoding[];
  /** Some of its bytes are no characters of the encoding: they are shown as U+FFFD. */
  faulty?: true;
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
 * @param named the encoding that the caller says it is in; found out unless given
 * @throws FileProblem `binary`, `not_in_encoding`
 */
export async function readTextPart(
  file: OpenFile,
  offset: number,
  maxBytes: number,
  named?: Encoding,
): Promise<TextPart> {
  const { size } = file.stats;
  const limit = Math.max(maxBytes, LONGEST_CHARACTER);
  const read = await readBytes(file.handle, offset, limit);
  const known = named
    ? asNamed(await readBytes(file.handle, 0, ENCODING_PROBE), named, file.path)
    : undefined;
  const detected = known ?? (await detectedAt(file, read));
  if (detected === undefined) throw binaryProblem(file.path, size);
  if (detected === "iso-2022-jp") return linesInJis(file, offset, read);
  const { encoding, mark } = detected;
  const begin = offset <= mark ? mark : await characterAt(file, offset, read, detected);
  const bytes = read.subarray(Math.max(0, begin - offset));
  const atEnd = offset + read.length >= size;
  const part = atEnd ? bytes : bytes.subarray(0, wholeCharacters(bytes, encoding));
  const content = decode(part, encoding);
  const end = begin + part.length;
  return {
    content,
    encoding,
    ...(mark > 0 ? { byte_order_mark: true } : {}),
    ...(detected.candidates.length > 1 ? { other_encodings: detected.candidates.slice(1) } : {}),
    ...(detected.faulty ? { faulty: true } : {}),
    ...placeOf(offset === 0 ? 0 : begin, end, size),
  };
}

function placeOf(begin: number, end: number, size: number) {
  const truncated = end < size;
  return { offset: begin, bytes: end - begin, size, truncated, next_offset: truncated ? end : null };
}

/** By the beginning of the file and the part itself: a file may be ASCII for long. */
async function detectedAt({ handle, stats: { size } }: OpenFile, piece: Buffer) {
  const probe = async (length: number) => {
    const head = await readBytes(handle, 0, length);
    return { head, cut: size > head.length };
  };
  const first = await probe(BINARY_PROBE);
  const detected = await detectEncoding({ ...first, piece: Buffer.alloc(0) });
  if (detected === undefined || detected === "iso-2022-jp") return detected;
  if (detected.mark > 0 || detected.encoding.startsWith("utf-16")) return detected;
  const isGuess = detected.encoding !== "utf-8";
  return detectEncoding({ ...(isGuess ? await probe(ENCODING_PROBE) : first), piece });
}

/** Where the next character begins, at `offset` or behind it. `bytes` are those from `offset` on. */
async function characterAt(
  { handle }: OpenFile,
  offset: number,
  bytes: Buffer,
  { encoding, mark }: Detected,
): Promise<number> {
  if (encoding === "utf-8") {
    let at = 0;
    while (at < LONGEST_CHARACTER - 1 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
    return offset + at;
  }
  const unit = encoding.startsWith("utf-16") ? 2 : encoding.startsWith("utf-32") ? 4 : 0;
  if (unit > 0) {
    const aligned = offset + ((unit - ((offset - mark) % unit)) % unit);
    const upper = bytes[aligned - offset + (encoding === "utf-16le" ? 1 : 0)] ?? 0;
    return unit === 2 && (upper & 0xfc) === 0xdc ? aligned + 2 : aligned;
  }
  // Only from a line break on is it sure which byte begins a character. Without one the offset was told by the part before.
  const before = Math.max(mark, offset - LOOKED_BACK);
  const back = await readBytes(handle, before, offset - before);
  const line = before === mark ? mark : before + back.lastIndexOf(0x0a) + 1;
  if (before !== mark && line === before) return offset;
  const known = Buffer.concat([back.subarray(line - before), bytes]);
  let at = 0;
  while (line + at < offset) at += characterLength(known, at, encoding);
  return line + at;
}

/** As many whole lines as there are in the part: in a line the shifts before it count (RFC 1468: each begins and ends in ASCII). */
async function linesInJis(
  { handle, stats: { size } }: OpenFile,
  offset: number,
  read: Buffer,
): Promise<TextPart> {
  const [before] = offset === 0 ? [0x0a] : await readBytes(handle, offset - 1, 1);
  const from = before === 0x0a ? 0 : read.indexOf(0x0a) + 1;
  const atEnd = offset + read.length >= size;
  const until = atEnd ? read.length : read.lastIndexOf(0x0a) + 1 || read.length;
  const lines = read.subarray(from, Math.max(from, until));
  const content = new TextDecoder("iso-2022-jp").decode(lines);
  return { content, encoding: "iso-2022-jp", ...placeOf(offset + from, offset + from + lines.length, size) };
}

/** The text of all bytes of a file; undefined when it is binary. */
export async function wholeText(bytes: Buffer): Promise<string | undefined> {
  const detected = await detectEncoding({ head: bytes, cut: false, piece: Buffer.alloc(0) });
  if (detected === undefined) return undefined;
  if (detected !== "iso-2022-jp" && detected.encoding.startsWith("utf-32"))
    return decode(bytes.subarray(detected.mark), detected.encoding);
  // The engine's own decoders are many times faster, and know all but UTF-32. They leave out the mark.
  return new TextDecoder(detected === "iso-2022-jp" ? detected : detected.encoding).decode(bytes);
}
