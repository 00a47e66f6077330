// Reads the bytes of a text as text, piece by piece, in the encoding that its beginning says or that it names itself.
import iconv from "iconv-lite";
import { ToolFailure } from "../../../../../lib/tools/tool-failure.ts";
import { detectEncoding } from "./detect-encoding.ts";

/** A file whose bytes can be read anywhere. */
export type ReadableBytes = { size: number; read(offset: number, length: number): Buffer };

export type BytesDecoder = {
  /** By the name of the WHATWG. */
  encoding: string;
  /** Where the text begins: behind the byte order mark. */
  begin: number;
  write(bytes: Buffer): string;
  /** What is left of a character that was cut. */
  end(): string;
};

const PROBE = 65_536;

/**
 * @param said the encoding that the document names itself; a byte order mark and valid UTF-8 are believed more
 * @throws ToolFailure `binary`
 */
export async function decoderOf(source: ReadableBytes, said?: string): Promise<BytesDecoder> {
  const head = source.read(0, PROBE);
  const piece = source.read(Math.max(PROBE, Math.floor(source.size / 2)), PROBE);
  const detected = await detectEncoding({ head, cut: source.size > head.length, piece });
  if (detected === undefined)
    throw new ToolFailure("binary", `It is not a text but binary (${source.size} bytes).`);
  if (detected === "iso-2022-jp") return byEngine(detected, 0);
  const { encoding, mark } = detected;
  const isSure = mark > 0 || (encoding === "utf-8" && !detected.faulty);
  if (!isSure && said !== undefined && iconv.encodingExists(said)) return byIconv(said.toLowerCase(), 0);
  return encoding === "utf-8" ? byEngine(encoding, mark) : byIconv(encoding, mark);
}

function byEngine(encoding: string, begin: number): BytesDecoder {
  const decoder = new TextDecoder(encoding);
  return {
    encoding,
    begin,
    write: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}

function byIconv(encoding: string, begin: number): BytesDecoder {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  return { encoding, begin, write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? "" };
}
