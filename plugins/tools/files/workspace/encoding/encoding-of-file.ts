// The encoding of a whole file by its beginning and its end, for tools that read all of it or only its end.
import type { OpenFile } from "../open-file.ts";
import { readBytes } from "../read-bytes.ts";
import { detectEncoding } from "./detect-encoding.ts";
import { decode, type Encoding } from "./encodings.ts";
import { asNamed, binaryProblem } from "./known-text.ts";

/** How much of each end is looked at. */
const PROBE = 65_536;

export type FileEncoding = {
  encoding: Encoding | "iso-2022-jp";
  /** Bytes of the byte order mark; 0 without one. */
  mark: number;
};

/**
 * @param named the encoding that the caller says it is in; then nothing is guessed
 * @throws FileProblem `binary`, `not_in_encoding`
 */
export async function encodingOfFile(
  { handle, path, stats }: OpenFile,
  named?: Encoding,
): Promise<FileEncoding> {
  const { size } = stats;
  const head = await readBytes(handle, 0, PROBE);
  if (named) return asNamed(head, named, path);
  const piece =
    size > PROBE ? await readBytes(handle, Math.max(PROBE, size - PROBE), PROBE) : Buffer.alloc(0);
  const detected = await detectEncoding({ head, cut: size > head.length, piece });
  if (detected === undefined) throw binaryProblem(path, size);
  return detected === "iso-2022-jp" ? { encoding: detected, mark: 0 } : detected;
}

/** Decodes pieces of a text one after the other, also where a character is cut between two. */
export function streamDecoder(encoding: FileEncoding["encoding"]): (bytes: Buffer) => string {
  if (encoding === "utf-32le" || encoding === "utf-32be") return utf32Decoder(encoding);
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes, { stream: true });
}

/** Decodes whole texts, each for itself. */
export function textDecoder(encoding: FileEncoding["encoding"]): (bytes: Buffer) => string {
  if (encoding === "utf-8") return (bytes) => bytes.toString("utf8");
  if (encoding === "utf-32le" || encoding === "utf-32be") return (bytes) => decode(bytes, encoding);
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

/** The engine has none for it. */
function utf32Decoder(encoding: Encoding): (bytes: Buffer) => string {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([rest, bytes]);
    const whole = all.length - (all.length % 4);
    rest = all.subarray(whole);
    return decode(all.subarray(0, whole), encoding);
  };
}
