// Unpacks responses that come compressed although nobody asked for it: some gateways do that to everything. Used by transport.ts.
import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
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
