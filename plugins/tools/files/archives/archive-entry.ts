// What is in an archive, whatever its format: as readers give it, and as writers take it.

/** Names as the archive has them: nothing of it is checked. */
export type ReadEntry = {
  path: string;
  kind: "file" | "directory" | "symlink" | "other";
  /** What `other` is, in words, e.g. `hard link`. */
  words?: string;
  /** Bytes of its content, as the archive says. */
  size: number;
  /** Permission bits, with setuid and the like; undefined where the archive has none. */
  mode: number | undefined;
  modified: Date | undefined;
  /** Of a symlink: what it says. */
  target?: string;
  /**
   * Of a file: its bytes, as many as `size`. To be read before the next entry is asked for, or not at all.
   * @throws FileProblem `bad_archive`
   */
  content(): AsyncIterable<Buffer>;
};

/** Paths with `/`, those of folders without one at the end. */
export type WrittenEntry = {
  path: string;
  mode: number;
  modified: Date;
} & (
  | { kind: "directory" }
  | { kind: "symlink"; target: string }
  | { kind: "file"; size: number; content(): AsyncIterable<Buffer> }
);

export type ArchiveFormat = "zip" | "tar.gz" | "tar";
/** Entries of an archive, or put into one: more are a mistake or an attack. */
export const MAX_ENTRIES = 50_000;
