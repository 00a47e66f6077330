// The encodings that file tools read and write: their names, their bytes, and where a character ends in them.
import { setImmediate as nextTurn } from "node:timers/promises";
import iconv from "iconv-lite";
import { FileProblem, isProblem } from "../../../../../lib/files/file-problem.ts";

/** Names as the WHATWG gives them (https://encoding.spec.whatwg.org), and UTF-32, which it leaves out. */
export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "utf-32le",
  "utf-32be",
  "gbk",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "windows-874",
  "iso-8859-2",
  "iso-8859-5",
  "iso-8859-7",
  "koi8-r",
  "koi8-u",
  "ibm866",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Byte order marks, longer ones first: that of UTF-32LE begins with that of UTF-16LE. */
const MARKS: [Encoding, number[]][] = [
  ["utf-32le", [0xff, 0xfe, 0, 0]],
  ["utf-32be", [0, 0, 0xfe, 0xff]],
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The encoding that the first bytes say, and how many bytes say so. */
export function markOf(bytes: Buffer): { encoding: Encoding; length: number } | undefined {
  const found = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  return found && { encoding: found[0], length: found[1].length };
}

/** The byte order mark of an encoding; empty where it has none. */
export function markBytes(encoding: Encoding): Buffer {
  return Buffer.from(MARKS.find(([name]) => name === encoding)?.[1] ?? []);
}

/** The first bytes of a new file: without a mark one in these could not be told from a binary. */
export const newMark = (encoding: Encoding): Buffer =>
  /^utf-(16|32)/.test(encoding) ? markBytes(encoding) : Buffer.alloc(0);

/** The text of bytes without a mark; what is no character becomes U+FFFD. */
export function decode(bytes: Buffer, encoding: Encoding): string {
  if (encoding === "utf-8") return bytes.toString("utf8");
  return iconv.decode(bytes, encoding, { stripBOM: false });
}

/** Bytes and characters that are worked on in one stretch: the libraries take some milliseconds for so many. */
const STRETCH = 65_536;

/** As `decode`, for texts of megabytes: everybody else has a turn in between. */
export async function decodeLong(bytes: Buffer, encoding: Encoding): Promise<string> {
  if (encoding === "utf-8") return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + STRETCH);
    // At the end a character that was cut is decoded as what it is.
    const length = at + piece.length < bytes.length ? wholeCharacters(piece, encoding) : piece.length;
    text += decode(piece.subarray(0, length), encoding);
    at += length;
    await nextTurn();
  }
  return text;
}

/** As `encode`, likewise. @throws FileProblem `not_in_encoding` */
export async function encodeLong(text: string, encoding: Encoding, path: string): Promise<Buffer> {
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  const pieces: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const isCut = /[\ud800-\udbff]/.test(text[at + STRETCH - 1] ?? "");
    const piece = text.slice(at, at + STRETCH - (isCut ? 1 : 0));
    pieces.push(encode(piece, encoding, path));
    at += piece.length;
    await nextTurn();
  }
  return Buffer.concat(pieces);
}

/** As `survives`, likewise. @param text of the bytes */
export async function survivesLong(bytes: Buffer, text: string, encoding: Encoding): Promise<boolean> {
  try {
    return (await encodeLong(text, encoding, "")).equals(bytes);
  } catch (error: unknown) {
    if (isProblem(error, "not_in_encoding")) return false;
    throw error;
  }
}

/** Characters of a refusal, at most. */
const SHOWN = 5;

/**
 * The bytes of a text, without a mark.
 * @param path of the file, for the words
 * @throws FileProblem `not_in_encoding` when the encoding lacks one of its characters
 */
export function encode(text: string, encoding: Encoding, path: string): Buffer {
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  const bytes = iconv.encode(text, encoding, { addBOM: false });
  if (decode(bytes, encoding) === text) return bytes;
  const lacking = [...new Set(text)].filter(
    (character) => decode(iconv.encode(character, encoding, { addBOM: false }), encoding) !== character,
  );
  throw new FileProblem(
    "not_in_encoding",
    `"${path}" is written in ${encoding}, which has no ${lacking.slice(0, SHOWN).join(" ")}; nothing was changed. Use other characters, or write the whole file anew in another encoding: write_file with overwrite and encoding "utf-8".`,
  );
}

/** Whether the text of the bytes gives the same bytes again. */
export function survives(bytes: Buffer, encoding: Encoding): boolean {
  const text = decode(bytes, encoding);
  return (encoding === "utf-8" ? Buffer.from(text) : iconv.encode(text, encoding, { addBOM: false })).equals(
    bytes,
  );
}

/** Bytes of the character that begins at `at`, by its first bytes alone; it may end behind the last byte there is. */
export function characterLength(bytes: Buffer, at: number, encoding: Encoding): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  switch (encoding) {
    case "utf-8":
      return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    case "utf-16le":
      return (second & 0xfc) === 0xd8 ? 4 : 2;
    case "utf-16be":
      return (first & 0xfc) === 0xd8 ? 4 : 2;
    case "utf-32le":
    case "utf-32be":
      return 4;
    case "gbk":
    case "gb18030":
      return first <= 0x80 || first === 0xff ? 1 : second >= 0x30 && second <= 0x39 ? 4 : 2;
    case "big5":
    case "euc-kr":
      return first <= 0x80 || first === 0xff ? 1 : 2;
    case "shift_jis":
      return (first >= 0x81 && first <= 0x9f) || (first >= 0xe0 && first <= 0xfc) ? 2 : 1;
    case "euc-jp":
      return first === 0x8f ? 3 : first === 0x8e || (first >= 0xa1 && first <= 0xfe) ? 2 : 1;
    default:
      return 1;
  }
}

/** Where the last whole character ends, of bytes that begin with one. */
export function wholeCharacters(bytes: Buffer, encoding: Encoding): number {
  let at = 0;
  for (;;) {
    const next = at + characterLength(bytes, at, encoding);
    if (at >= bytes.length || next > bytes.length) return at;
    at = next;
  }
}
