// Bytes of a response as text: unpacked where they come compressed although nobody asked for it (some gateways do that to
// everything), and characters that are split over chunks wait for their rest. Used by exchange.ts and read-answer.ts.
import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";

/** Bytes go in with `write` and `end` and come out as `data`, each as soon as it can. */
export type Decoder = Transform;

/** Undefined for a response that is not compressed, or in a way nobody here knows. */
export function openDecoder(headers: IncomingHttpHeaders): Decoder | undefined {
  switch (headers["content-encoding"]?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip({ flush: constants.Z_SYNC_FLUSH });
    case "deflate":
      return createInflate({ flush: constants.Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    case "zstd":
      return createZstdDecompress({ flush: constants.ZSTD_e_flush });
    default:
      return undefined;
  }
}

/** Decodes UTF-8 in pieces. Chunks nearly always end with a whole character (a line feed); only others need the decoder. */
export class EventText {
  #decoder: StringDecoder | undefined;

  decode(chunk: Buffer): string {
    if (this.#decoder) return this.#decoder.write(chunk);
    if ((chunk[chunk.length - 1] ?? 0) < 0x80) return chunk.toString("utf8");
    this.#decoder = new StringDecoder("utf8");
    return this.#decoder.write(chunk);
  }
}
