// The objects port: whole pieces of bytes by key, too large for the bus and for a row (exports, large outputs of tools, files). An object
// is replaced or removed, never changed. In process a folder of the data folder; in the cluster an S3 store.
import type { Readable } from "node:stream";

export const MOST_OBJECT_BYTES = 1024 ** 3;
export const MOST_LISTED = 1_000;

export type ObjectInfo = {
  key: string;
  size: number;
  contentType: string;
  /** Of its bytes, in hexadecimal. */
  sha256: string;
};

/** What a list knows of each. */
export type ListedObject = { key: string; size: number; modifiedMs: number };

/**
 * Keys are those of lib/objects/object-key.ts; another one is `invalid_request`.
 * All throw `store_unavailable` in bounded time when the store cannot be used.
 */
export interface Objects {
  /**
   * Answers when the object is kept; before that, and after an error, readers see what was there before. After `store_unavailable` it
   * may be kept all the same: put it again. Of several at once one stays, whole.
   * @param body the whole, or pieces as they come; what it throws is thrown
   * @throws body_too_large beyond MOST_OBJECT_BYTES
   */
  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: { contentType: string },
  ): Promise<ObjectInfo>;
  /**
   * The stream ends only behind the last byte of what was put. It fails with `store_unavailable` when it is cut on the way, and with
   * `store_damaged` when the bytes are not those that were put. Read it to its end or destroy it.
   * @returns null when there is none
   */
  get(key: string): Promise<{ info: ObjectInfo; stream: Readable } | null>;
  /** @throws body_too_large when it has more than `mostBytes`; what the stream of `get` fails with */
  read(key: string, mostBytes: number): Promise<{ info: ObjectInfo; bytes: Buffer } | null>;
  /** @returns null when there is none */
  head(key: string): Promise<ObjectInfo | null>;
  /** Safe to repeat. */
  remove(key: string): Promise<void>;
  /**
   * Those whose key begins with the prefix, sorted by key.
   * @param options.after a key: only those behind it
   * @param options.limit at most, and unless given, MOST_LISTED
   */
  list(prefix: string, options?: { after?: string; limit?: number }): Promise<ListedObject[]>;
  /** Where anybody can fetch it for that long, without a look whether it is there. @returns null for a store that has no such thing */
  temporaryUrl(key: string, seconds: number): Promise<string | null>;
}
