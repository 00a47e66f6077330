// Started by read-upload.ts: makes of an image the picture that models get, with sharp (libvips): upright, without what cameras note
// (places too), as large as vendors look at it, in a form and a size that all of them take.
import { HandedFile } from "../../lib/apart/handed-file.ts";
import { serveApart } from "../../lib/apart/serve-apart.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";

/** What the image is by its bytes. */
export type PictureTask = { media_type: string };
export type ShownPicture = {
  media_type: "image/png" | "image/jpeg";
  width: number;
  height: number;
  bytes: Uint8Array;
};

const MOST_INPUT = 10 * 1024 * 1024;
/** Of one frame. */
const MOST_PIXELS = 100_000_000;
/** Of the longer side: what is larger vendors make smaller themselves (Anthropic: 1,568). */
const LONGEST = 1_568;
/** Of the picture: with ten of them a question stays within what vendors take. */
const MOST_BYTES = 1_000_000;
const QUALITIES = [85, 70, 50];
/** libvips' readers of exactly these; no other of its many is reached, whatever the bytes pretend. */
const READERS: Record<string, string> = {
  "image/png": "VipsForeignLoadPng",
  "image/jpeg": "VipsForeignLoadJpeg",
  "image/gif": "VipsForeignLoadNsgif",
  "image/webp": "VipsForeignLoadWebp",
  "image/avif": "VipsForeignLoadHeif",
  "image/tiff": "VipsForeignLoadTiff",
};

serveApart(async ({ media_type }: PictureTask): Promise<ShownPicture> => {
  const { default: sharp } = await import("sharp");
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: [READERS[media_type] ?? ""] });
  const input = new HandedFile("").whole(MOST_INPUT);
  const options = { limitInputPixels: MOST_PIXELS, sequentialRead: true, failOn: "error" as const, pages: 1 };
  try {
    const image = sharp(input, options);
    const { hasAlpha = false } = await image.metadata();
    const small = image
      .autoOrient()
      .resize({ width: LONGEST, height: LONGEST, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb");
    // What is drawn has few colours and stays sharp; a photograph is smaller as JPEG.
    if (hasAlpha || media_type === "image/png" || media_type === "image/gif") {
      const png = await small.clone().png({ compressionLevel: 9 }).toBuffer({ resolveWithObject: true });
      if (png.data.length <= MOST_BYTES) return shown("image/png", png);
    }
    const opaque = small.flatten({ background: "#ffffff" });
    for (const quality of QUALITIES) {
      const jpeg = await opaque.clone().jpeg({ quality }).toBuffer({ resolveWithObject: true });
      if (jpeg.data.length <= MOST_BYTES) return shown("image/jpeg", jpeg);
    }
  } catch (thrown) {
    throw failureOf(thrown);
  }
  throw new ToolFailure("too_large", "It cannot be made small enough for a model.");
});

type Made = { data: Buffer; info: { width: number; height: number } };

const shown = (media_type: ShownPicture["media_type"], { data, info }: Made): ShownPicture => ({
  ...{ media_type, width: info.width, height: info.height },
  bytes: new Uint8Array(data),
});

function failureOf(thrown: unknown): ToolFailure {
  const [message = ""] = (thrown instanceof Error ? thrown.message : String(thrown)).split("\n");
  if (/pixel limit/i.test(message))
    return new ToolFailure("too_large", `It has more than ${MOST_PIXELS / 1_000_000} million pixels.`);
  return new ToolFailure("damaged", "It is damaged: it cannot be read as the image that it begins as.");
}
