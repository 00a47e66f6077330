// The bytes of an object on their way into a store: written to a file of a private name, counted and summed as they come, so that any
// size needs little memory and a store is told length and sum before the first byte.
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { MOST_OBJECT_BYTES } from "../ports/objects.ts";

export type WrittenFile = { path: string; file: FileHandle; size: number; sha256: string };
/** No key begins like this. */
export const TEMPORARY = ".tmp-";

type Place = {
  folder: string;
  /** Where the first byte goes. */
  offset: number;
  mostBytes?: number;
  /** Its name is taken away at once: who reads it again has the file, and a killed process leaves nothing. */
  isNameless?: boolean;
  /** What an error of the disk means. */
  failure(thrown: unknown): unknown;
};

/**
 * Gives the file to `use` and closes it; whatever happens, nothing is left under its name.
 * @throws what the body throws, as it is
 */
export async function withTemporaryFile<T>(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  { folder, offset, mostBytes = MOST_OBJECT_BYTES, isNameless = false, failure }: Place,
  use: (written: WrittenFile) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${TEMPORARY}${randomUUID()}`);
  const onDisk = <R>(work: Promise<R>): Promise<R> =>
    work.catch((thrown: unknown) => {
      throw failure(thrown);
    });
  const file = await onDisk(open(path, "wx+", 0o600));
  try {
    if (isNameless) await onDisk(rm(path));
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      if (size + piece.length > mostBytes) throw tooLarge(mostBytes);
      hash.update(piece);
      await onDisk(writeAll(file, piece, offset + size));
      size += piece.length;
    }
    return await use({ path, file, size, sha256: hash.digest("hex") });
  } finally {
    await file.close().catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** A write may take only a part: a disk that is nearly full. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export function tooLarge(mostBytes: number): AppError {
  return new AppError("body_too_large", `An object has at most ${mostBytes} bytes.`);
}
