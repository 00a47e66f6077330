// Which of the old encodings of one or two bytes a character a text may be in: by jschardet, and by how accents stand in words.
import { type Encoding, survives, wholeCharacters } from "./encodings.ts";
import { tellingLines } from "./telling-lines.ts";

/** By jschardet's names. */
const GUESSED: Record<string, Encoding> = {
  GB18030: "gbk",
  Big5: "big5",
  CP932: "shift_jis",
  "EUC-JP": "euc-jp",
  CP949: "euc-kr",
  "EUC-KR": "euc-kr",
  "Windows-1250": "windows-1250",
  "Windows-1251": "windows-1251",
  "Windows-1252": "windows-1252",
  "Windows-1253": "windows-1253",
  "Windows-1254": "windows-1254",
  "Windows-1255": "windows-1255",
  "Windows-1256": "windows-1256",
  "Windows-1257": "windows-1257",
  cp1258: "windows-1258",
  CP874: "windows-874",
  "ISO-8859-2": "iso-8859-2",
  "ISO-8859-5": "iso-8859-5",
  "ISO-8859-7": "iso-8859-7",
  "KOI8-R": "koi8-r",
  "koi8-u": "koi8-u",
  IBM866: "ibm866",
};
const LATIN = ["Windows-1252", "Windows-1250", "Windows-1254", "Windows-1257", "ISO-8859-2"];
/** What is less likely than the likeliest by more than this is not taken for possible. */
const LIKELY = 4;
/** Two or three characters say little. */
const LITTLE = 8;
const LIKELY_OF_LITTLE = 16;
/** Bytes that the guess looks at: it takes about 0.3 ms for 1,000. */
const LOOKED_AT = 8_192;

/**
 * The encodings that bytes may be in which are no Unicode, the likeliest first; none when they fit no encoding.
 * @param piece of what is behind the head; looked at when the head is ASCII
 */
export async function guessEncodings(head: Buffer, piece: Buffer): Promise<Encoding[]> {
  const { default: chardet } = await import("jschardet");
  const inHead = tellingLines(head, LOOKED_AT);
  const bytes = inHead.length > 0 ? inHead : tellingLines(fromLine(piece), LOOKED_AT);
  const latin = isLatin(bytes);
  const detectEncodings = latin === "surely" ? LATIN : Object.keys(GUESSED);
  const ranked = chardet.detectAll(bytes, { detectEncodings, minimumThreshold: 0 });
  const least =
    (ranked[0]?.confidence ?? 0) / (bytes.filter(isNotAscii).length < LITTLE ? LIKELY_OF_LITTLE : LIKELY);
  const names = ranked
    .filter(({ confidence }) => confidence >= least)
    .map(({ encoding }) => GUESSED[encoding ?? ""])
    .filter((name) => name !== undefined)
    .map((name) => (name === "gbk" && hasFourByteCharacters(bytes) ? "gb18030" : name));
  const all = {
    surely: ["windows-1252" as const, ...names],
    perhaps: [...names, "windows-1252" as const],
    no: names,
  }[latin];
  return [...new Set(all)].filter((name) => survives(bytes.subarray(0, wholeCharacters(bytes, name)), name));
}

const isNotAscii = (byte: number) => byte > 0x7f;

/** A piece may begin within a character; what is behind a line break does not. */
function fromLine(piece: Buffer): Buffer {
  const rest = piece.subarray(piece.indexOf("\n") + 1);
  return rest.some(isNotAscii) ? rest : piece;
}

/** The smallest byte that ends a character of several bytes. */
const LEAST_SECOND = 0x30;
/** Where letters with accents begin; what begins a frequent character of Big5 is below. */
const LETTERS = 0xd0;

/**
 * Whether the bytes that are not ASCII are letters with accents, each alone or with another one between letters without:
 * `surely`, or `perhaps` when they could begin characters of two bytes whose second one is ASCII.
 */
function isLatin(bytes: Buffer): "surely" | "perhaps" | "no" {
  let sure = 0;
  let alone = 0;
  let runs = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const begin = at;
    while (isNotAscii(bytes[at] ?? 0)) at += 1;
    const length = at - begin;
    if (length === 0) continue;
    runs += 1;
    const amongLetters = isSmallLetter(bytes[begin - 1]) && isSmallLetter(bytes[at]);
    const single = length === 1 && ((bytes[begin] ?? 0) >= LETTERS || (bytes[at] ?? 0) < LEAST_SECOND);
    if (single || (length <= 2 && amongLetters)) sure += 1;
    if (length === 1) alone += 1;
  }
  return sure >= (runs * 2) / 3 ? "surely" : alone >= (runs * 2) / 3 ? "perhaps" : "no";
}

const isSmallLetter = (byte: number | undefined) => byte !== undefined && byte >= 0x61 && byte <= 0x7a;

function hasFourByteCharacters(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; ) {
    const second = bytes[at + 1] ?? 0;
    if ((bytes[at] ?? 0) <= 0x80) at += 1;
    else if (second >= 0x30 && second <= 0x39) return true;
    else at += 2;
  }
  return false;
}
