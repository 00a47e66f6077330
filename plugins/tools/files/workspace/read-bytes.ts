// Reads bytes of a file that is open, whatever becomes of its size meanwhile.
import type { FileHandle } from "node:fs/promises";

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
export async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { size } = await handle.stat();
  // One byte more than there is, so that a file that grows is seen to.
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset + 1)));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
