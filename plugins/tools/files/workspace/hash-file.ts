// The checksum of a file for calculate_hash, read a piece at a time.
import { createHash } from "node:crypto";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { openFile } from "./open-file.ts";

export const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type FileHash = { path: string; algorithm: Algorithm; hash: string; size: number };

const PIECE = 1_048_576;

/** @throws FileProblem `changed` for a file that is written meanwhile, and as `openFile` */
export async function hashFile(access: FileAccess, path: string, algorithm: Algorithm): Promise<FileHash> {
  await using file = await openFile(access, path);
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(PIECE);
  let size = 0;
  for (;;) {
    access.signal.throwIfAborted();
    const { bytesRead } = await file.handle.read(buffer, 0, PIECE, size);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  const after = await file.handle.stat();
  if (after.size !== size || after.mtimeMs !== file.stats.mtimeMs)
    throw new FileProblem("changed", `"${file.path}" was written to while it was read; try again.`);
  return { path: file.path, algorithm, hash: hash.digest("hex"), size };
}
