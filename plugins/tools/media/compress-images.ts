// compress_images: smaller copies of images.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { compressEach } from "./images/compress-each.ts";

/** Milliseconds: a photo of 50 megapixels takes some seconds. */
const FIRST_MS = 60_000;
const EACH_MS = 30_000;

export default defineTool({
  name: "compress_images",
  description:
    "Makes smaller copies of JPEG, PNG and WebP images in another folder, under the same names and in the same formats and sizes in pixels; the images themselves stay as they are, and nothing in the folder is replaced. Metadata (date, place, camera) is kept. PNG images are reduced to 256 colours below quality 100. What cannot be made smaller is copied (`kept_original`).",
  category: "media",
  risk: "write",
  runsOn: "node",
  changes: ["output_directory"],
  timeoutMs: ({ paths }) => FIRST_MS + paths.length * EACH_MS,
  parameters: z.strictObject({
    paths: z.array(pathArgument("An image")).min(1).max(50).describe("The images"),
    output_directory: pathArgument("The folder for the copies; made when it is missing"),
    quality: z.int().min(1).max(100).default(85).describe("100 keeps most, 1 is smallest"),
  }),
  execute: ({ paths, output_directory, quality }, context) =>
    fileResult(output_directory, () =>
      compressEach(context, paths, { directory: output_directory, quality }),
    ),
});
