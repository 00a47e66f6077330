// A directory that is held open, so that its entries are reached through it and not by a name that can be swapped.
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Boundary } from "../../../../lib/files/boundary.ts";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";

/** macOS has no `/proc`, but a flag that refuses links in every component of a path (`<sys/fcntl.h>`). */
const O_NOFOLLOW_ANY = 0x20000000;
const BY_DESCRIPTOR = process.platform === "linux";

/** Flags for every open: no link is followed, and no FIFO or device is waited for. */
export const SAFELY =
  (process.platform === "darwin" ? O_NOFOLLOW_ANY : constants.O_NOFOLLOW) | constants.O_NONBLOCK;

/** Close it: `await using`, or its `Symbol.asyncDispose`. */
export class HeldDirectory implements AsyncDisposable {
  /** Real path at the time of opening. */
  readonly path: string;
  readonly stats: Stats;
  readonly handle: FileHandle;

  private constructor(handle: FileHandle, path: string, stats: Stats) {
    this.handle = handle;
    this.path = path;
    this.stats = stats;
  }

  /** Opens a directory by a name that needs no protection above its last component. */
  static async open(name: string, path: string): Promise<HeldDirectory> {
    const handle = await open(name, constants.O_RDONLY | constants.O_DIRECTORY | SAFELY);
    try {
      return new HeldDirectory(handle, path, await handle.stat());
    } catch (error: unknown) {
      await handle.close();
      throw error;
    }
  }

  /** Opens a directory in this one; a link is refused. */
  child(name: string): Promise<HeldDirectory> {
    return HeldDirectory.open(this.entry(name), join(this.path, name));
  }

  /** The name to use in system calls for an entry: through the descriptor where the system has that. */
  entry(name: string): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.handle.fd}/${name}` : join(this.path, name);
  }

  /** The name to use in system calls for the directory itself. */
  self(): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.handle.fd}` : this.path;
  }

  /** What the entry is, links not followed; undefined when there is none. */
  async look(name: string): Promise<Stats | undefined> {
    try {
      return await lstat(this.entry(name));
    } catch (error: unknown) {
      if (systemCodeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /**
   * The name of the entry that is meant: where there is none of exactly this name, one that differs only in how its accents are
   * composed. macOS takes both for the same; elsewhere a name from a Mac would be found by nobody who types it.
   */
  async nameOf(name: string): Promise<string> {
    const isAscii = !/[^\0-\x7f]/.test(name);
    if (isAscii || (await this.look(name))) return name;
    const alike = (await readdir(this.self())).filter((entry) => entry.normalize() === name.normalize());
    return alike.length === 1 && alike[0] !== undefined ? alike[0] : name;
  }

  /** @throws FileProblem when the directory is no longer where it may be */
  assertAllowed(boundary: Boundary): Promise<void> {
    return assertOpenedIsAllowed(boundary, this.handle, this.path, this.stats);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

/**
 * Checks what was opened, not what was named: where it lies now, and its inode.
 * @throws FileProblem `not_allowed`, `approval_required`, or `changed` when the name leads to something else by now (macOS)
 */
export async function assertOpenedIsAllowed(
  boundary: Boundary,
  handle: FileHandle,
  path: string,
  opened: Stats,
): Promise<void> {
  if (BY_DESCRIPTOR) {
    const now = await readlink(`/proc/self/fd/${handle.fd}`);
    boundary.assertAllowed(now, opened);
    boundary.assertAsked(now);
    return;
  }
  const real = await realpath(path);
  boundary.assertAllowed(real, opened);
  boundary.assertAsked(real);
  const named = await stat(real);
  if (named.ino === opened.ino && named.dev === opened.dev) return;
  throw new FileProblem("changed", `"${path}" was replaced while it was being opened; try again.`);
}
