// Which encoding a text file is in, told from its bytes: sure for a byte order mark and for valid Unicode, else a guess.
import { decode, type Encoding, markOf, wholeCharacters } from "./encodings.ts";
import { guessEncodings } from "./guess-encodings.ts";
import { tellingLines } from "./telling-lines.ts";

/** What is known of a file's bytes: all of them, or its beginning and another piece. */
export type Sample = {
  head: Buffer;
  /** There is more behind the head, which may end within a character. */
  cut: boolean;
  /** Of what is behind it; may begin and end within a character. */
  piece: Buffer;
};

export type Detected = {
  encoding: Encoding;
  /** Bytes of the byte order mark; 0 without one. */
  mark: number;
  /** The encodings it may be in, the likeliest first; one when that is sure. */
  candidates: Encoding[];
  /** Some of the bytes are no characters of the encoding. */
  faulty: boolean;
};

/** Undefined for what is no text; `iso-2022-jp` is text that cannot be written here. */
export async function detectEncoding(sample: Sample): Promise<Detected | "iso-2022-jp" | undefined> {
  const { head, piece } = sample;
  const mark = markOf(head);
  if (mark) return ofMarked(head, mark);
  if (head.includes(0) || piece.includes(0)) return unmarkedUtf16(sample);
  const faults = utf8Faults(sample);
  if (faults === "none") return isIso2022(head) || isIso2022(piece) ? "iso-2022-jp" : sure("utf-8", 0);
  if (hasControls(head) || hasControls(piece)) return undefined;
  if (faults === "few") return { ...sure("utf-8", 0), faulty: true };
  const candidates = await guessEncodings(head, piece);
  const [encoding] = candidates;
  // Every byte is some character of it, as browsers read it.
  return encoding
    ? { encoding, mark: 0, candidates, faulty: false }
    : { ...sure("windows-1252", 0), faulty: true };
}

const sure = (encoding: Encoding, mark: number): Detected => ({
  encoding,
  mark,
  candidates: [encoding],
  faulty: false,
});

/** Four bytes that mark UTF-32LE may be a UTF-16LE file that begins with NUL: then it is binary either way. */
function ofMarked(head: Buffer, { encoding, length }: { encoding: Encoding; length: number }) {
  const bytes = head.subarray(length);
  const text = decode(bytes.subarray(0, wholeCharacters(bytes, encoding)), encoding);
  if (text.includes("\0")) return undefined;
  return { ...sure(encoding, length), faulty: text.includes("\ufffd") || !text.isWellFormed() };
}

/** Neither controls nor what Unicode has given to nobody: what random bytes are full of. */
const NO_TEXT = /[\0-\x07\x0e-\x1a\x1c-\x1f\x7f-\x9f\p{Cn}\p{Co}\p{Cs}]/u;

/** Bytes in which what looks like text is told from what does not. */
const COUNTED_IN = 65_536;
/** Less could be anything. */
const SHORTEST_UTF16 = 8;

/** Files of Windows without a mark: every NUL is the upper half of a character, and all that is looked at is text. */
function unmarkedUtf16({ head, cut }: Sample): Detected | undefined {
  const at = head.indexOf(0);
  if (at === -1 || head.length < SHORTEST_UTF16 || (!cut && head.length % 2 === 1)) return undefined;
  const encoding = at % 2 === 1 ? "utf-16le" : "utf-16be";
  const begin = head.subarray(0, COUNTED_IN);
  const text = decode(begin.subarray(0, wholeCharacters(begin, encoding)), encoding);
  return NO_TEXT.test(text) || isAsciiWithNuls(begin) ? undefined : sure(encoding, 0);
}

/** A list whose entries end with NUL reads as Chinese, too; of ASCII in two bytes a character nearly every other byte is NUL. */
function isAsciiWithNuls(bytes: Buffer): boolean {
  let nuls = 0;
  for (const byte of bytes) {
    if (byte > 0x7e) return false;
    if (byte === 0) nuls += 1;
  }
  return nuls * 3 < bytes.length;
}

/** Escapes by which ISO-2022-JP (RFC 1468) shifts to its two-byte characters, which look like ASCII. */
const isIso2022 = (bytes: Buffer) => bytes.includes("\x1b$B") || bytes.includes("\x1b$@");

/** Controls that stand in no text; escapes, tabs and backspaces do. */
const CONTROLS = /[\0-\x07\x0e-\x19\x1c-\x1f]/;
const hasControls = (bytes: Buffer) => CONTROLS.test(bytes.toString("latin1"));

/** How far bytes are from UTF-8: `few` faults are those of a text in it that was cut or damaged somewhere. */
function utf8Faults({ head, cut, piece }: Sample): "none" | "few" | "many" {
  const parts = [cut ? withoutCutEnd(head) : head, withoutCutEnd(withoutCutBegin(piece))];
  if (parts.every(isUtf8)) return "none";
  let characters = 0;
  let faults = 0;
  // The first lines that count say enough: what is valid was looked for in all of it.
  const counted = parts.map((bytes) => tellingLines(bytes, COUNTED_IN));
  for (const [character] of counted
    .map((bytes) => bytes.toString("utf8"))
    .join("")
    .matchAll(/[^\0-\x7f]/gu)) {
    if (character === "\ufffd") faults += 1;
    else characters += 1;
  }
  return characters > FEW * faults ? "few" : "many";
}

/** Characters for each fault: text in an old encoding is hardly ever valid UTF-8 in so many places. */
const FEW = 4;

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const CONTINUATIONS = 3;
const isContinuation = (byte: number | undefined) => ((byte ?? 0) & 0xc0) === 0x80;

function withoutCutEnd(bytes: Buffer): Buffer {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 1 - CONTINUATIONS; at -= 1)
    if (!isContinuation(bytes[at]))
      return bytes.subarray(0, at + wholeCharacters(bytes.subarray(at), "utf-8"));
  return bytes;
}

function withoutCutBegin(bytes: Buffer): Buffer {
  let cut = 0;
  while (cut < CONTINUATIONS && isContinuation(bytes[cut])) cut += 1;
  return bytes.subarray(cut);
}
