// The pictures of a tool's result: how many and how large they may be, what they are by their own bytes, and a result without them,
// for everything that only tells of it. What a tool says a picture is counts for nothing: vendors refuse a wrong name.
import type { ToolImage, ToolResult } from "../../contracts/tools.ts";

const MOST_IMAGES = 4;
/** Of one, in bytes. Vendors take 5 MB as base64; a document of a call, with all it may hold, 16 MB. */
export const MOST_IMAGE_BYTES = 1_500_000;
/** Those that every vendor's seeing models take. */
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Bytes that tell all kinds apart. */
const HEAD_BYTES = 12;

/** What the bytes are by their beginning; undefined for what vendors do not take. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  return /^RIFF.{4}WEBP/s.test(head) ? "image/webp" : undefined;
}

/**
 * The pictures as they are kept: what is none is left out, and one that is too large keeps its place without its bytes. Bounding again
 * changes nothing.
 * @param given whatever a tool put there
 */
export function boundImages(given: unknown): { images: ToolImage[]; wasCut: boolean } {
  const all = Array.isArray(given) ? given.slice(0, MOST_IMAGES) : [];
  const images = all.map(boundImage).filter((image) => image !== undefined);
  const isWhole = Array.isArray(given) && images.length === given.length;
  return { images, wasCut: !isWhole || images.some(({ data }, index) => data !== all[index].data) };
}

function boundImage(given: unknown): ToolImage | undefined {
  const { media_type, bytes, data } = (given ?? {}) as Record<string, unknown>;
  if (data === undefined) {
    const isTold = TYPES.includes(String(media_type)) && Number.isSafeInteger(bytes);
    return isTold ? { media_type: String(media_type), bytes: Number(bytes) } : undefined;
  }
  if (typeof data !== "string" || data.length % 4 !== 0) return undefined;
  const type = imageTypeOf(Buffer.from(data.slice(0, 2 * HEAD_BYTES), "base64"));
  if (type === undefined) return undefined;
  const image = { media_type: type, bytes: Buffer.byteLength(data, "base64") };
  if (image.bytes > MOST_IMAGE_BYTES) return image;
  return BASE64.test(data) ? { ...image, data } : undefined;
}

/** The same result, telling of its pictures what they are and how large. */
export function withoutImageData(result: ToolResult): ToolResult {
  if (!result.images) return result;
  return { ...result, images: result.images.map(({ media_type, bytes }) => ({ media_type, bytes })) };
}
