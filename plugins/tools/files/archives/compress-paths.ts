// Puts files and folders into a new archive for compress_files.
import { createGzip } from "node:zlib";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { oneAtATime } from "../workspace/one-at-a-time.ts";
import { openPlace } from "../workspace/open-place.ts";
import type { WalkLimits } from "../workspace/walk-tree.ts";
import { writeInPlace } from "../workspace/write-atomically.ts";
import { CompressedSources, type SourceCounts } from "./compressed-sources.ts";
import { tarBytes } from "./tar/write-tar.ts";
import { through } from "./through-zlib.ts";
import { zipBytes } from "./zip/write-zip.ts";

export type MadeArchive = SourceCounts & {
  output: string;
  format: "zip" | "tar.gz";
  /** Of the archive. */
  size: number;
};

/**
 * @throws FileProblem `invalid_path` for another ending, `exists`, `not_found`, `not_allowed`, `too_large`, `changed`, `no_space` …;
 * no archive is there then
 */
export async function compressPaths(
  access: FileAccess & WalkLimits,
  paths: string[],
  output: string,
): Promise<MadeArchive> {
  const format = formatBy(output);
  const place = await openPlace(access, output, { purpose: "change", followLast: true });
  await using directory = place.directory;
  return await oneAtATime(place.path, async () => {
    if (await directory.look(place.name))
      throw new FileProblem(
        "exists",
        `"${place.path}" exists already: choose another name, or move it to the trash first.`,
      );
    await using sources = await CompressedSources.open(access, paths);
    const { bytes } = await writeInPlace(place, { overwrite: false }, async (handle) => {
      const entries = sources.entries(await handle.stat());
      const written = format === "zip" ? zipBytes(entries) : through(tarBytes(entries), createGzip());
      for await (const piece of written) {
        access.signal.throwIfAborted();
        await handle.appendFile(piece);
      }
    });
    return { output: place.path, format, size: bytes, ...sources.counts };
  });
}

function formatBy(output: string): MadeArchive["format"] {
  if (/\.zip$/i.test(output)) return "zip";
  if (/\.(tar\.gz|tgz)$/i.test(output)) return "tar.gz";
  throw new FileProblem(
    "invalid_path",
    `The name of the archive says what is made: "${output}" must end in .zip, .tar.gz or .tgz.`,
  );
}
