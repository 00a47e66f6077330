// The bytes of an opened file, piece by piece.
import type { FileHandle } from "node:fs/promises";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import type { OpenFile } from "../workspace/open-file.ts";

const PIECE = 262_144;

/** From the beginning to the end, or as many as `size`. @throws AbortError on the signal */
export async function* bytesOf(
  handle: FileHandle,
  signal: AbortSignal,
  size = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, size - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Exactly as many as the file had when it was opened. @throws FileProblem `changed` when it has fewer by now */
export async function* bytesAsOpened(
  { handle, path, stats }: OpenFile,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = stats.size;
  for await (const piece of bytesOf(handle, signal, stats.size)) {
    left -= piece.length;
    yield piece;
  }
  if (left > 0) throw new FileProblem("changed", `"${path}" was cut off while it was read; try again.`);
}
