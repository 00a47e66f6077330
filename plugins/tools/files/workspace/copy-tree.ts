// Copies all that is in a held folder into another one that is held, for copy_file and for moves to another volume.
import type { Stats } from "node:fs";
import { mkdir, readlink, symlink } from "node:fs/promises";
import type { Boundary } from "../../../../lib/files/boundary.ts";
import { FileProblem, problemOf } from "../../../../lib/files/file-problem.ts";
import { copyData } from "./copy-data.ts";
import type { HeldDirectory } from "./held-directory.ts";
import { openEntry } from "./open-file.ts";
import { type Entry, isUnnameable, TreeWalk, type WalkLimits } from "./walk-tree.ts";

export type CopiedTree = {
  files: number;
  folders: number;
  links: number;
  bytes: number;
  /** What was not copied and why, by its path in the folder; the first hundred. */
  left_out: { path: string; why: string }[];
  /** How many in all. */
  left_out_count: number;
};
/** Which file it was and how: what is removed after a copy must be what was copied. */
export type CopiedIdentities = Map<string, string>;

const MAX_ENTRIES = 200_000;
const TOLD = 100;

/**
 * @param identities gets what was copied
 * @throws FileProblem `too_large` at a bound of entries, of depth or of time; AbortError, or a system error of the new folder
 * (`ENOSPC` …). A part of it is then there
 */
export async function copyTree(
  { boundary, directory }: { boundary: Boundary; directory: HeldDirectory },
  to: HeldDirectory,
  limits: WalkLimits,
  identities?: CopiedIdentities,
): Promise<CopiedTree> {
  const walk = new TreeWalk(boundary, { ...limits, maxEntries: MAX_ENTRIES });
  await using folders = new OpenFolders(to);
  const copied: CopiedTree = { files: 0, folders: 0, links: 0, bytes: 0, left_out: [], left_out_count: 0 };
  const leaveOut = (path: string, why: string) => {
    copied.left_out_count += 1;
    if (copied.left_out.length < TOLD) copied.left_out.push({ path, why });
  };
  for await (const entry of walk.entriesOf(directory)) {
    const target = await folders.of(entry);
    const why = await copyEntry(boundary, entry, {
      target,
      folders,
      copied,
      identities,
      signal: limits.signal,
    });
    if (why !== undefined) leaveOut(entry.relativePath, why);
  }
  await folders.closeTo(0);
  for (const path of walk.unreadableFolders) leaveOut(path, "cannot be read");
  if (walk.truncated)
    throw new FileProblem(
      "too_large",
      `"${directory.path}" has more in it than can be copied in one call (${MAX_ENTRIES} entries, 64 folders deep, or the time was up): take its folders one by one.`,
    );
  return copied;
}

type Copying = {
  target: HeldDirectory;
  folders: OpenFolders;
  copied: CopiedTree;
  identities: CopiedIdentities | undefined;
  signal: AbortSignal;
};

/** Gives why it was left out. */
async function copyEntry(
  boundary: Boundary,
  entry: Entry,
  { target, folders, copied, identities, signal }: Copying,
): Promise<string | undefined> {
  const { directory, name, kind } = entry;
  if (isUnnameable(name)) return "its name is not UTF-8";
  if (kind === "directory") {
    await folders.make(entry);
    copied.folders += 1;
    return undefined;
  }
  if (kind === "symlink") {
    const stats = await directory.look(name);
    await symlink(await readlink(directory.entry(name)), target.entry(name));
    if (stats) identities?.set(identityOf(stats), stateOf(stats));
    copied.links += 1;
    return undefined;
  }
  if (kind !== "file") return `is a ${kind}`;
  const source = await openEntry(boundary, directory, name).catch((error: unknown) => {
    const problem = problemOf(error, entry.path);
    if (!problem || problem.code === "cancelled") throw error;
    return problem.message;
  });
  if (typeof source === "string") return source;
  await using opened = source;
  copied.bytes += await copyData(opened, target, name, signal);
  identities?.set(identityOf(opened.stats), stateOf(opened.stats));
  copied.files += 1;
  return undefined;
}

const identityOf = ({ dev, ino }: Stats) => `${dev}:${ino}`;
const stateOf = ({ size, mtimeMs }: Stats) => `${size}:${mtimeMs}`;

/** Whether this is something that was copied, and as it was then. */
export const wasCopied = (identities: CopiedIdentities, stats: Stats): boolean =>
  identities.get(identityOf(stats)) === stateOf(stats);

/** The new folders on the way to where the walk is, each held until the walk has left it. */
class OpenFolders implements AsyncDisposable {
  readonly #top: HeldDirectory;
  #open: { directory: HeldDirectory; path: string; mode: number; atime: Date; mtime: Date }[] = [];

  constructor(top: HeldDirectory) {
    this.#top = top;
  }

  /** The folder that an entry goes into. */
  async of({ relativePath }: Entry): Promise<HeldDirectory> {
    const above = relativePath.includes("/") ? relativePath.slice(0, relativePath.lastIndexOf("/")) : "";
    const depth = this.#open.findLastIndex(({ path }) => path === above) + 1;
    await this.closeTo(depth);
    return this.#open.at(-1)?.directory ?? this.#top;
  }

  async make({ directory, name, relativePath }: Entry): Promise<void> {
    const stats = await directory.look(name);
    const parent = this.#open.at(-1)?.directory ?? this.#top;
    await mkdir(parent.entry(name), 0o700);
    const made = await parent.child(name);
    const { mode = 0o700, atime = new Date(), mtime = new Date() } = stats ?? {};
    this.#open.push({ directory: made, path: relativePath, mode, atime, mtime });
  }

  /** Closes those below; only now they get their modes and times, which what is put into them would change. */
  async closeTo(depth: number): Promise<void> {
    for (const { directory, mode, atime, mtime } of this.#open.splice(depth).reverse()) {
      await using closing = directory;
      await closing.handle.chmod(mode & 0o777);
      await closing.handle.utimes(atime, mtime);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { directory } of this.#open.splice(0).reverse()) await directory[Symbol.asyncDispose]();
  }
}
