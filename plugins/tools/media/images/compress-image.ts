// Compresses one image into a folder: a new file under the same name, whole or not at all. The image itself is only read.
import type { FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { runApart } from "../../../../lib/apart/run-apart.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import { openFile } from "../../files/workspace/open-file.ts";
import { readBytes } from "../../files/workspace/read-bytes.ts";
import { writeAtomically } from "../../files/workspace/write-atomically.ts";
import { IMAGE_PROBE, imageKindOf } from "./image-kind.ts";
import type { Encoded, ImageTask } from "./image-process.ts";
import { encodeBySips } from "./sips.ts";

export type CompressedImage = {
  path: string;
  output: string;
  width: number;
  height: number;
  bytes_before: number;
  bytes_after: number;
  /** Of its size, percent. */
  saved_percent: number;
  /** It could not be made smaller: the output is a copy. */
  kept_original?: true;
};

const MODULE = new URL("./image-process.ts", import.meta.url);

/**
 * @param folder real path
 * @throws FileProblem as `openFile` and `writeAtomically`; ToolFailure `unsupported`, `damaged`, `too_large`, `timed_out`
 */
export async function compressImage(
  context: ToolContext,
  path: string,
  { folder, quality }: { folder: string; quality: number },
  platform: NodeJS.Platform = process.platform,
): Promise<CompressedImage> {
  await using file = await openFile(context, path);
  const kind = imageKindOf(await readBytes(file.handle, 0, IMAGE_PROBE));
  let encoded: Encoded | undefined;
  const fill = async (output: FileHandle) => {
    const files = { input: file.handle, output, quality };
    if (platform === "darwin" && kind === "jpeg") encoded = await encodeBySips(context, files);
    else encoded = await encodeApart(context, files, { name: file.path, kind, quality });
  };
  const { path: output, bytes } = await writeAtomically(
    context,
    join(folder, basename(file.path)),
    { overwrite: false },
    fill,
  ).catch((error: unknown) => {
    throw isProblem(error, "exists") ? existsProblem(basename(file.path)) : error;
  });
  const before = file.stats.size;
  return {
    ...{ path: file.path, output, width: encoded?.width ?? 0, height: encoded?.height ?? 0 },
    ...{ bytes_before: before, bytes_after: bytes },
    saved_percent: Math.round((1 - bytes / before) * 1_000) / 10,
    ...(bytes >= before ? { kept_original: true as const } : {}),
  };
}

function encodeApart(
  { signal, deadlineAt }: ToolContext,
  { input, output }: { input: FileHandle; output: FileHandle },
  task: ImageTask,
): Promise<Encoded> {
  const descriptors = [input.fd, output.fd];
  return runApart<Encoded>({ module: MODULE, task, descriptors, signal, deadlineAt, native: true });
}

const existsProblem = (name: string) =>
  new FileProblem(
    "exists",
    `The output directory has a "${name}" already, and nothing is replaced: choose another directory.`,
  );
