// Started by compress-image.ts: encodes one image anew with sharp (libvips). It reads the first file that it was handed and
// writes the second one.
import { writeSync } from "node:fs";
import { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { FIRST_DESCRIPTOR, serveApart } from "../../../../lib/apart/serve-apart.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { ImageKind } from "./image-kind.ts";

export type ImageTask = { name: string; kind: ImageKind; quality: number };
/** Size of the picture, of one frame where there are several, and of the file in bytes. */
export type Encoded = { width: number; height: number; bytes: number };

const MAX_BYTES = 200_000_000;
/** Of all frames: four bytes each are held in memory. */
const MAX_PIXELS = 120_000_000;

serveApart(async (task: ImageTask): Promise<Encoded> => {
  const input = new HandedFile(task.name).whole(MAX_BYTES);
  const { data, info } = await encode(input, task);
  // What is no smaller stays as it is.
  const bytes = data.length < input.length ? data : input;
  writeAll(FIRST_DESCRIPTOR + 1, bytes);
  return { width: info.width, height: info.pageHeight ?? info.height, bytes: bytes.length };
});

async function encode(input: Buffer, { kind, quality }: ImageTask) {
  const { default: sharp } = await import("sharp");
  sharp.concurrency(1);
  sharp.cache(false);
  const options = { limitInputPixels: MAX_PIXELS, sequentialRead: true, animated: kind === "webp" };
  const image = sharp(input, { ...options, failOn: "error" }).keepMetadata();
  const encoded = {
    jpeg: () => image.jpeg({ quality, mozjpeg: true }),
    // Up to 256 colours chosen for the picture; all of them at quality 100.
    png: () =>
      image.png({ compressionLevel: 9, effort: 7, ...(quality < 100 ? { palette: true, quality } : {}) }),
    webp: () => image.webp({ quality, lossless: quality === 100 }),
  };
  try {
    return await encoded[kind]().toBuffer({ resolveWithObject: true });
  } catch (error: unknown) {
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    if (/pixel limit/i.test(message))
      throw new ToolFailure("too_large", `It has more than ${MAX_PIXELS / 1_000_000} million pixels.`);
    throw new ToolFailure(
      "damaged",
      `It cannot be read as ${kind.toUpperCase()}: it is damaged (${message}).`,
    );
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
