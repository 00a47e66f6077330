// Bytes on their way through a compressor or decompressor of zlib, which works outside of the event loop.
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What comes out of it, as slowly as it is taken. @throws what the source throws, and zlib's own errors */
export async function* through(source: AsyncIterable<Buffer>, transform: Transform): AsyncGenerator<Buffer> {
  const done = pipeline(Readable.from(source), transform);
  // Whoever takes the bytes hears of it; here it only must not go unheard.
  done.catch(() => undefined);
  try {
    yield* transform as AsyncIterable<Buffer>;
    await done;
  } finally {
    transform.destroy();
  }
}

/** Whether zlib says that what it was given is no such data, or ends too early. */
export const isZlibError = (error: unknown): boolean =>
  /^Z_|^ERR_PADDING/.test(String((error as { code?: unknown } | null)?.code));
