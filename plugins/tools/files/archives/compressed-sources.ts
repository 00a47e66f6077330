// What goes into an archive: the files and folders that were named, each under its own name, with all that is in them.
import type { Stats } from "node:fs";
import { readlink } from "node:fs/promises";
import type { Boundary, FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, problemOf } from "../../../../lib/files/file-problem.ts";
import { foldedName } from "../../../../lib/files/path-names.ts";
import { isSame, statsOf } from "../workspace/between-places.ts";
import type { HeldDirectory } from "../workspace/held-directory.ts";
import { kindOf, openEntry, openInPlace } from "../workspace/open-file.ts";
import { openChild, openPlace, type Place } from "../workspace/open-place.ts";
import { isUnnameable, TreeWalk, type WalkLimits } from "../workspace/walk-tree.ts";
import { MAX_ENTRIES, type WrittenEntry } from "./archive-entry.ts";
import { bytesAsOpened } from "./file-bytes.ts";

export type SourceCounts = {
  files: number;
  folders: number;
  links: number;
  /** Of all files, before they were compressed. */
  bytes: number;
  /** What was left out and why, by its path in the archive; the first hundred. */
  left_out: { path: string; why: string }[];
  /** How many in all. */
  left_out_count: number;
};

/** Below what a zip file can be. */
const MAX_BYTES = 4_000_000_000;
const TOLD = 100;

/** Close them. */
export class CompressedSources implements AsyncDisposable {
  readonly counts: SourceCounts = {
    files: 0,
    folders: 0,
    links: 0,
    bytes: 0,
    left_out: [],
    left_out_count: 0,
  };
  readonly #places: Place[];
  readonly #limits: WalkLimits;

  private constructor(places: Place[], limits: WalkLimits) {
    this.#places = places;
    this.#limits = limits;
  }

  /** @throws FileProblem `not_found`, `not_allowed` …; `exists` when two have the same name */
  static async open(access: FileAccess & WalkLimits, paths: string[]): Promise<CompressedSources> {
    const { signal, deadlineAt } = access;
    const sources = new CompressedSources([], { signal, deadlineAt });
    try {
      for (const path of paths)
        sources.#add(await openPlace(access, path, { purpose: "look", followLast: true }));
      return sources;
    } catch (error: unknown) {
      await sources[Symbol.asyncDispose]();
      throw error;
    }
  }

  #add(place: Place): void {
    const same = this.#places.find(({ name }) => foldedName(name) === foldedName(place.name));
    this.#places.push(place);
    statsOf(place);
    if (same)
      throw new FileProblem(
        "exists",
        `"${same.path}" and "${place.path}" would have the same name in the archive: make one of each, or name the folder above them.`,
      );
  }

  /**
   * Each before the next is asked for.
   * @param archive the file that is being written: it does not go into itself
   * @throws FileProblem `too_large`, `changed`, and as `openFile` for a file that was named itself
   */
  async *entries(archive: Stats): AsyncGenerator<WrittenEntry> {
    for (const place of this.#places) {
      if (!statsOf(place).isDirectory()) yield* this.#file(await openInPlace(place), place.name);
      else {
        await using directory = await openChild(place.boundary, place.directory, place.name);
        await directory.assertAllowed(place.boundary);
        yield this.#counted({ path: place.name, kind: "directory", ...ofStats(directory.stats) });
        yield* this.#below(place.boundary, directory, place.name, archive);
      }
    }
  }

  async *#below(
    boundary: Boundary,
    top: HeldDirectory,
    above: string,
    archive: Stats,
  ): AsyncGenerator<WrittenEntry> {
    const walk = new TreeWalk(boundary, { ...this.#limits, maxEntries: MAX_ENTRIES });
    for await (const { directory, name, relativePath } of walk.entriesOf(top)) {
      const path = `${above}/${relativePath}`;
      const stats = await directory.look(name);
      if (isUnnameable(name)) this.#leaveOut(path, "its name is not UTF-8");
      else if (!stats || isSame(stats, archive)) continue;
      else if (stats.isDirectory()) yield this.#counted({ path, kind: "directory", ...ofStats(stats) });
      else if (stats.isSymbolicLink())
        yield this.#counted({
          path,
          kind: "symlink",
          target: await readlink(directory.entry(name)),
          ...ofStats(stats),
        });
      else if (stats.isFile()) yield* this.#fileIn(boundary, directory, name, path);
      else this.#leaveOut(path, `is a ${kindOf(stats)}`);
    }
    for (const folder of walk.unreadableFolders) this.#leaveOut(`${above}/${folder}`, "cannot be read");
    if (walk.truncated)
      throw new FileProblem(
        "too_large",
        `"${top.path}" has more in it than goes into one archive (${MAX_ENTRIES} entries, 64 folders deep, or the time was up): take its folders one by one.`,
      );
  }

  async *#fileIn(
    boundary: Boundary,
    directory: HeldDirectory,
    name: string,
    path: string,
  ): AsyncGenerator<WrittenEntry> {
    const opened = await openEntry(boundary, directory, name).catch((error: unknown) => {
      const problem = problemOf(error, path);
      if (!problem || problem.code === "cancelled") throw error;
      return problem.message;
    });
    if (typeof opened === "string") this.#leaveOut(path, opened);
    else yield* this.#file(opened, path);
  }

  async *#file(opened: Awaited<ReturnType<typeof openEntry>>, path: string): AsyncGenerator<WrittenEntry> {
    await using file = opened;
    const { size } = file.stats;
    const content = () => bytesAsOpened(file, this.#limits.signal);
    yield this.#counted({ path, kind: "file", size, content, ...ofStats(file.stats) });
  }

  #counted(entry: WrittenEntry): WrittenEntry {
    const { counts } = this;
    if (entry.kind === "directory") counts.folders += 1;
    else if (entry.kind === "symlink") counts.links += 1;
    else {
      counts.files += 1;
      counts.bytes += entry.size;
    }
    if (counts.files + counts.folders + counts.links > MAX_ENTRIES || counts.bytes > MAX_BYTES)
      throw new FileProblem(
        "too_large",
        `One archive takes ${MAX_ENTRIES} entries and ${MAX_BYTES} bytes at most: make several.`,
      );
    return entry;
  }

  #leaveOut(path: string, why: string): void {
    this.counts.left_out_count += 1;
    if (this.counts.left_out.length < TOLD) this.counts.left_out.push({ path, why });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { directory } of this.#places.splice(0)) await directory[Symbol.asyncDispose]();
  }
}

const ofStats = ({ mode, mtime }: Stats) => ({ mode: mode & 0o777, modified: mtime });
