// Compresses several images for compress_images. One that fails does not keep the others from being made.
import { basename } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { FileProblem, problemOf } from "../../../../lib/files/file-problem.ts";
import { foldedName } from "../../../../lib/files/path-names.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { makeFolder } from "../../files/workspace/make-folder.ts";
import { type CompressedImage, compressImage } from "./compress-image.ts";

type Failed = { path: string; error: { code: string; message: string } };
export type CompressedImages = {
  output_directory: string;
  images: (CompressedImage | Failed)[];
  failed: number;
  bytes_before: number;
  bytes_after: number;
};

/**
 * The output directory is made when it is missing.
 * @throws FileProblem `exists` when two images have one name (nothing is done then), `failed` when all of several fail; what
 * the only one fails with
 */
export async function compressEach(
  context: ToolContext,
  paths: string[],
  { directory, quality }: { directory: string; quality: number },
): Promise<CompressedImages> {
  assertNamesDiffer(paths);
  const { path: folder } = await makeFolder(context, directory, true);
  const images: (CompressedImage | Failed)[] = [];
  for (const path of paths) images.push(await one(context, path, { folder, quality }, paths.length === 1));
  const made = images.filter((image) => "output" in image);
  const failed = images.filter((image) => "error" in image);
  if (made.length === 0) {
    const words = failed.map(({ path, error }) => `"${path}": ${error.message}`).join("\n");
    throw new FileProblem("failed", `None of the images could be compressed.\n${words}`);
  }
  const sum = (field: "bytes_before" | "bytes_after") =>
    made.reduce((total, image) => total + image[field], 0);
  return {
    ...{ output_directory: folder, images, failed: failed.length },
    ...{ bytes_before: sum("bytes_before"), bytes_after: sum("bytes_after") },
  };
}

function assertNamesDiffer(paths: string[]): void {
  const seen = new Set<string>();
  for (const name of paths.map((path) => basename(path))) {
    if (seen.has(foldedName(name)))
      throw new FileProblem(
        "exists",
        `Two of the images are named "${name}" and would be one file in the output directory; nothing was done. Compress them into different directories.`,
      );
    seen.add(foldedName(name));
  }
}

async function one(
  context: ToolContext,
  path: string,
  options: { folder: string; quality: number },
  isOnly: boolean,
): Promise<CompressedImage | Failed> {
  try {
    return await compressImage(context, path, options);
  } catch (error: unknown) {
    if (isOnly || context.signal.aborted) throw error;
    const known = error instanceof ToolFailure ? error : problemOf(error, path);
    if (!known) throw error;
    return { path, error: { code: known.code, message: known.message } };
  }
}
