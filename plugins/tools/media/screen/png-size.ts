// Width and height of a PNG, from its header (https://www.w3.org/TR/png/#11IHDR).
import { imageTypeOf } from "../../../../lib/tools/images.ts";

/** In pixels. */
export type PixelSize = { width: number; height: number };

/** As much of the file as is needed. */
export const HEADER_BYTES = 24;

/** Undefined for what is no PNG. */
export function pngSize(bytes: Buffer): PixelSize | undefined {
  if (imageTypeOf(bytes) !== "image/png" || bytes.length < HEADER_BYTES) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
