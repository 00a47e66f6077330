// Where file tools may go: the roots by their real paths, and the hidden places by name and by inode.
import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ToolContext } from "../../contracts/tools.ts";
import { FileProblem, systemCodeOf } from "./file-problem.ts";
import { absolutePath, componentsBelow, foldedName, isInside } from "./path-names.ts";

/** The part of a tool's context that file access needs. */
export type FileAccess = Pick<ToolContext, "roots" | "hidden" | "signal">;
export type Identity = Pick<Stats, "dev" | "ino">;
type Root = { named: string; real: string };

/** A place by name: the real root it lies below and the components from there. */
export type Location = { root: string; components: string[] };

/** Files of the kernel, wherever the roots are. */
const NEVER = ["/proc", "/sys", "/dev"];

export class Boundary {
  readonly roots: readonly Root[];
  /** What relative paths start at. */
  readonly base: string;
  readonly #hiddenNames: readonly string[];
  readonly #hiddenInodes: ReadonlySet<string>;

  constructor(base: string, roots: Root[], hiddenNames: string[], hiddenInodes: Set<string>) {
    this.base = base;
    this.roots = roots;
    this.#hiddenNames = hiddenNames;
    this.#hiddenInodes = hiddenInodes;
  }

  /**
   * The place that an absolute path names, by its text and by links above the roots only.
   * @throws FileProblem `not_allowed` when it lies outside; nothing outside is told apart
   */
  async locate(path: string): Promise<Location> {
    const found = this.#below(path) ?? this.#below(await realAncestor(path));
    if (!found) throw this.refusal(path);
    return found;
  }

  /** @throws FileProblem `not_allowed` when a real path, or the inode it has, is not for tools to see */
  assertAllowed(path: string, identity?: Identity): void {
    if (!this.allows(path, identity)) throw this.refusal(path);
  }

  allows(path: string, identity?: Identity): boolean {
    if (NEVER.some((folder) => isInside(folder, path))) return false;
    if (!this.roots.some(({ real }) => isInside(real, path))) return false;
    const folded = foldedName(path);
    if (this.#hiddenNames.some((hidden) => isInside(hidden, folded))) return false;
    return identity === undefined || !this.#hiddenInodes.has(inodeKey(identity));
  }

  /** @throws FileProblem `not_allowed` when a folder is a root, or has a root or a hidden place in it: it must stay */
  assertMovable(path: string): void {
    const folded = foldedName(path);
    const holdsRoot = this.roots.some(({ real }) => isInside(path, real));
    if (!holdsRoot && !this.#hiddenNames.some((hidden) => isInside(folded, hidden))) return;
    throw new FileProblem("not_allowed", `"${path}" must stay: it is, or contains, a protected folder.`);
  }

  refusal(path: string): FileProblem {
    const allowed = this.roots.map(({ named }) => named).join(", ");
    return new FileProblem(
      "not_allowed",
      `"${path}" is outside of the folders this machine allows: ${allowed} (credentials and private folders excepted).`,
    );
  }

  #below(path: string): Location | undefined {
    let best: Location | undefined;
    for (const { named, real } of this.roots) {
      for (const prefix of [named, real]) {
        if (!isInside(prefix, path) || (best && best.root.length >= real.length)) continue;
        best = { root: real, components: componentsBelow(prefix, path) };
      }
    }
    return best;
  }
}

/** The boundary of one call. @throws FileProblem `not_allowed` when none of the roots exists */
export async function boundaryOf(access: FileAccess): Promise<Boundary> {
  const named = access.roots.map((root) => absolutePath(root, "/"));
  const roots: Root[] = [];
  for (const root of named) {
    const real = await realpath(root).catch(() => undefined);
    if (real !== undefined) roots.push({ named: root, real });
  }
  const base = named[0];
  if (base === undefined || roots.length === 0) {
    throw new FileProblem("not_allowed", "None of the folders that this machine allows exists.");
  }
  const names: string[] = [];
  const inodes = new Set<string>();
  for (const hidden of access.hidden) {
    const path = absolutePath(hidden, base);
    const parent = await realAncestor(dirname(path));
    names.push(path, join(parent, basename(path)), await realAncestor(path));
    const identity = await stat(path).catch(() => undefined);
    if (identity) inodes.add(inodeKey(identity));
  }
  return new Boundary(base, roots, [...new Set(names.map(foldedName))], inodes);
}

const inodeKey = ({ dev, ino }: Identity) => `${dev}:${ino}`;

/** The real path of the nearest folder above that exists, with the rest of the name behind it. */
async function realAncestor(path: string): Promise<string> {
  let rest = "";
  let ancestor = path;
  for (;;) {
    try {
      return resolve(await realpath(ancestor), rest);
    } catch (error: unknown) {
      // The root always resolves, so this ends; a denied or looping folder is stepped over like a missing one.
      if (systemCodeOf(error) === undefined || ancestor === dirname(ancestor)) throw error;
      rest = join(basename(ancestor), rest);
      ancestor = dirname(ancestor);
    }
  }
}
