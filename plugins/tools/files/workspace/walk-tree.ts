// Walks a folder's tree through held directories: hidden entries are left out, links are not followed, work is bounded.
import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import type { Boundary } from "../../../../lib/files/boundary.ts";
import { problemOf } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "./held-directory.ts";
import { type FileKind, kindOf } from "./open-file.ts";
import { openChild } from "./open-place.ts";

/** Something found. `directory` is held only until the next one is asked for. */
export type Entry = {
  directory: HeldDirectory;
  name: string;
  kind: FileKind;
  /** Below the folder where the walk began, with `/`. */
  relativePath: string;
  /** Real path. */
  path: string;
};

/** What a walk needs of a tool's context, beside the boundary. */
export type WalkLimits = Pick<ToolContext, "signal" | "deadlineAt">;
export type WalkOptions = WalkLimits & {
  /** Entries to look at, at most. */
  maxEntries: number;
  /** Whether to go below a folder; below all of them unless said. */
  enters?: (folder: Entry) => boolean;
};

type Found = { name: string; kind: FileKind | undefined };
type Level = { directory: HeldDirectory; found: Found[]; below: string };

/** A walk ends this long before the call does, so that what was found is not lost with it. */
const RESERVE_MS = 2_000;
/** Folders within each other that are held open at once. */
const MAX_DEPTH = 64;
const UNREADABLE_TOLD = 100;

/** One walk. What below its folder cannot be opened is counted, not thrown. */
export class TreeWalk {
  /** The walk ended at its bound of entries, of depth or of time. */
  truncated = false;
  /** Folders that could not be opened. */
  unreadable = 0;
  /** The first of them, by their relative paths. */
  readonly unreadableFolders: string[] = [];
  readonly #boundary: Boundary;
  readonly #options: WalkOptions;
  #left: number;

  constructor(boundary: Boundary, options: WalkOptions) {
    this.#boundary = boundary;
    this.#options = options;
    this.#left = options.maxEntries;
  }

  /**
   * The entries of a folder and of those below, by name, each folder before what is in it. The caller closes `top`.
   * @throws a system error when `top` itself cannot be listed; AbortError on the signal
   */
  async *entriesOf(top: HeldDirectory): AsyncGenerator<Entry> {
    const levels: Level[] = [{ directory: top, found: await this.#list(top), below: "" }];
    try {
      for (let level = levels.at(-1); level; level = levels.at(-1)) {
        this.#options.signal.throwIfAborted();
        if (Date.now() > this.#options.deadlineAt - RESERVE_MS) return this.#stopHere();
        const found = level.found.pop();
        if (!found) {
          levels.pop();
          if (level.directory !== top) await level.directory[Symbol.asyncDispose]();
          continue;
        }
        const entry = await this.#examine(level, found);
        if (!entry) continue;
        yield entry;
        if (entry.kind !== "directory" || this.#options.enters?.(entry) === false) continue;
        const next = levels.length < MAX_DEPTH ? await this.#enter(entry) : this.#stopHere();
        if (next) levels.push(next);
      }
    } finally {
      for (const { directory } of levels.reverse()) {
        if (directory !== top) await directory[Symbol.asyncDispose]();
      }
    }
  }

  /** Names in reverse order, as many as the bound still allows. */
  async #list(directory: HeldDirectory): Promise<Found[]> {
    const found: Found[] = [];
    for await (const entry of await opendir(directory.self(), { bufferSize: 256 })) {
      this.#options.signal.throwIfAborted();
      if (this.#left <= 0) {
        this.truncated = true;
        break;
      }
      this.#left -= 1;
      found.push({ name: entry.name, kind: kindIfKnown(entry) });
    }
    return found.sort((one, other) => (one.name < other.name ? 1 : -1));
  }

  /** Undefined when the entry is hidden, or gone by now. */
  async #examine({ directory, below }: Level, { name, kind }: Found): Promise<Entry | undefined> {
    const path = join(directory.path, name);
    if (!this.#boundary.allows(path)) return undefined;
    const entry = { directory, name, path, relativePath: below === "" ? name : `${below}/${name}` };
    if (kind !== undefined && kind !== "directory") return { ...entry, kind };
    const stats = await directory.look(name);
    if (!stats) return kind && isUnnameable(name) ? { ...entry, kind } : undefined;
    if (!this.#boundary.allows(path, stats)) return undefined;
    return { ...entry, kind: kindOf(stats) };
  }

  /** Undefined when the folder cannot be read, or has become something else; that does not end the walk. */
  async #enter({ directory, name, path, relativePath }: Entry): Promise<Level | undefined> {
    let child: HeldDirectory | undefined;
    try {
      child = await openChild(this.#boundary, directory, name);
      await child.assertAllowed(this.#boundary);
      return { directory: child, found: await this.#list(child), below: relativePath };
    } catch (error: unknown) {
      await child?.[Symbol.asyncDispose]();
      const problem = problemOf(error, path);
      if (!problem || problem.code === "cancelled") throw error;
      this.unreadable += 1;
      if (this.unreadableFolders.length < UNREADABLE_TOLD) this.unreadableFolders.push(relativePath);
      return undefined;
    }
  }

  #stopHere(): undefined {
    this.truncated = true;
  }
}

/** Whether a name has bytes that are no UTF-8: such an entry is seen in its folder and cannot be reached by any path. */
export const isUnnameable = (name: string): boolean => name.includes("\ufffd");

/** Some file systems do not say what an entry is. */
function kindIfKnown(entry: Dirent): FileKind | undefined {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symlink";
  if (entry.isFIFO()) return "fifo";
  if (entry.isSocket()) return "socket";
  return entry.isCharacterDevice() || entry.isBlockDevice() ? "device" : undefined;
}
