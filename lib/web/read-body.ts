// The body of an answer as it comes, unpacked and bounded: a small packed body may hold gigabytes.
import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

const UNPACKERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** @returns the unpacked bytes; undefined for a way of packing that nobody here knows */
export function unpacked(body: AsyncIterable<Buffer>, encoding: string): AsyncIterable<Buffer> | undefined {
  const packed = encoding.trim().toLowerCase();
  if (packed === "" || packed === "identity") return body;
  const make = UNPACKERS[packed];
  if (!make) return undefined;
  const unpacker = make();
  // Its faults come out of the unpacker.
  pipeline(Readable.from(body), unpacker, () => undefined);
  return unpacker;
}
