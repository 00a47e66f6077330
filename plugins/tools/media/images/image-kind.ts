// What kind of image a file is, by its first bytes: names lie.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

export type ImageKind = "jpeg" | "png" | "webp";

/** Bytes that tell it, and that an animation in a PNG is told in. */
export const IMAGE_PROBE = 4_096;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @param head the first bytes @throws ToolFailure `unsupported` */
export function imageKindOf(head: Buffer): ImageKind {
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return "jpeg";
  if (head.subarray(0, PNG.length).equals(PNG)) {
    // The chunk that announces frames stands before the picture (https://www.w3.org/TR/png-3/#acTL-chunk).
    if (head.includes("acTL")) throw unsupported("an animated PNG, which would lose its frames");
    return "png";
  }
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WEBP") return "webp";
  throw unsupported("no JPEG, PNG or WebP image");
}

const unsupported = (what: string) =>
  new ToolFailure("unsupported", `It is ${what}; only JPEG, PNG and WebP images are compressed.`);
