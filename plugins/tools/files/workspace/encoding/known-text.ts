// What a tool that writes knows of the text that is there: its encoding and how its lines end. New text is written in the same,
// or it is refused with the reason; where the encoding is a guess, what is written must be the same in every likely one.
import type { FileHandle } from "node:fs/promises";
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import { readBytes } from "../read-bytes.ts";
import { type Detected, detectEncoding } from "./detect-encoding.ts";
import { type Encoding, markBytes, survives, wholeCharacters } from "./encodings.ts";

/** Of a longer file only its beginning and its end are looked at, in bytes. */
const WHOLE = 1_048_576;
const PART = WHOLE / 2;

export type KnownText = {
  detected: Detected;
  /** The bytes behind the mark, or those at the end of a long file: whole characters from the first on. */
  end: Buffer;
  /** `end` is all of it. */
  whole: boolean;
};

/**
 * Looks at the text of a file that is to be changed.
 * @param named the encoding that the caller says it is in; then nothing is guessed
 * @throws FileProblem `binary`; `not_in_encoding` for text that can only be read, or that is not in the named encoding
 */
export async function lookAtText(
  handle: FileHandle,
  { path, size }: { path: string; size: number },
  named?: Encoding,
): Promise<KnownText> {
  const whole = size <= WHOLE;
  const head = await readBytes(handle, 0, whole ? WHOLE : PART);
  const tail = whole ? Buffer.alloc(0) : await readBytes(handle, size - PART, PART);
  const detected = named
    ? asNamed(head, named, path)
    : writable(await detectEncoding({ head, cut: !whole, piece: tail }), { path, size });
  const end = whole ? head.subarray(detected.mark) : fromWholeCharacter(tail, size, detected);
  return { detected, end, whole };
}

/** @throws FileProblem when it is no text, or one that can be read only */
export function writable(
  detected: Awaited<ReturnType<typeof detectEncoding>>,
  { path, size }: { path: string; size: number },
): Detected {
  if (detected === undefined) throw binaryProblem(path, size);
  if (detected !== "iso-2022-jp") return detected;
  throw new FileProblem(
    "not_in_encoding",
    `"${path}" is written in ISO-2022-JP, which can be read but not written here; nothing was changed.`,
  );
}

export const binaryProblem = (path: string, size: number) =>
  new FileProblem("binary", `"${path}" is not a text file but binary (${size} bytes).`);

/** @throws FileProblem `not_in_encoding` when bytes of the file are no characters of the encoding */
export function asNamed(head: Buffer, encoding: Encoding, path: string): Detected {
  const known = markBytes(encoding);
  const mark = known.length > 0 && head.subarray(0, known.length).equals(known) ? known.length : 0;
  const text = head.subarray(mark);
  if (survives(text.subarray(0, wholeCharacters(text, encoding)), encoding))
    return { encoding, mark, candidates: [encoding], faulty: false };
  throw new FileProblem("not_in_encoding", `"${path}" is not written in ${encoding}; nothing was changed.`);
}

/** After a line break, which is no part of another character, or where a unit begins. */
function fromWholeCharacter(tail: Buffer, size: number, { encoding, mark }: Detected): Buffer {
  const unit = encoding.startsWith("utf-16") ? 2 : encoding.startsWith("utf-32") ? 4 : 0;
  if (unit > 0) return tail.subarray((size - tail.length - mark) % unit);
  return tail.subarray(tail.indexOf(0x0a) + 1);
}

/**
 * The bytes that `make` gives for the likeliest encoding, if it gives the same for each other one that is possible.
 * @throws FileProblem `encoding_unsure`, or what `make` throws where there is no doubt
 */
export async function agreedBytes(
  detected: Detected,
  path: string,
  make: (encoding: Encoding) => Promise<Buffer>,
): Promise<Buffer> {
  const [first, ...others] = detected.candidates;
  if (first === undefined || others.length === 0) return make(detected.encoding);
  const made = await tried(() => make(first));
  if (!Buffer.isBuffer(made) && made.code !== "not_in_encoding") throw made;
  let agree = true;
  for (const other of others) {
    const bytes: Buffer | FileProblem | undefined = agree ? await tried(() => make(other)) : undefined;
    // What it cannot be in is no reason to doubt.
    agree &&= !Buffer.isBuffer(bytes) || (Buffer.isBuffer(made) && bytes.equals(made));
  }
  if (Buffer.isBuffer(made) && agree) return made;
  throw new FileProblem(
    "encoding_unsure",
    `"${path}" is not in UTF-8, and which of ${detected.candidates.join(", ")} it is in cannot be told for sure. Nothing was changed. Read it with "encoding" set to each to see which fits, or ask the user, and call again with that "encoding".`,
  );
}

async function tried(make: () => Promise<Buffer>): Promise<Buffer | FileProblem> {
  try {
    return await make();
  } catch (error: unknown) {
    if (error instanceof FileProblem) return error;
    throw error;
  }
}
