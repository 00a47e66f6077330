// Where file tools may go: the roots by their real paths, and the hidden places by name and by inode.
import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ToolContext } from "../../contracts/tools.ts";
import { askedSentence, whyAsked } from "../tools/self-starting.ts";
import { absolutePath } from "./absolute-path.ts";
import { FileProblem, systemCodeOf } from "./file-problem.ts";
import { componentsBelow, foldedName, isInside } from "./path-names.ts";

/** The part of a tool's context that file access needs. */
export type FileAccess = Pick<ToolContext, "approved" | "home" | "roots" | "hidden" | "protected" | "signal">;
/** What a place is opened for: what is protected may be looked at and not changed. */
export type Purpose = "look" | "change";
/** Which file it is, whatever it is called and however it is reached. */
export type Identity = Pick<Stats, "dev" | "ino">;
/** Why a change of a real path must be asked about; undefined when it need not be, or was. */
type WhyAsked = (path: string) => string | undefined;
type Root = { named: string; real: string };

/** A place by name: the real root it lies below and the components from there. */
export type Location = { root: string; components: string[] };

/** Files of the kernel, wherever the roots are. */
const NEVER = ["/proc", "/sys", "/dev"];

/** What of the disk the tools of one call may touch (G27). Decides by real paths and by inodes of what was opened. */
export class Boundary {
  readonly roots: readonly Root[];
  /** What relative paths start at. */
  readonly base: string;
  readonly #hidden: Places;
  readonly #protected: Places;
  readonly #whyAsked: WhyAsked;

  /**
   * @param places.protected what may not be changed; none where nothing is to be changed
   * @param why what is not changed without a question about it
   */
  constructor(base: string, roots: Root[], places: { hidden: Places; protected: Places }, why: WhyAsked) {
    this.base = base;
    this.roots = roots;
    this.#hidden = places.hidden;
    this.#protected = places.protected;
    this.#whyAsked = why;
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

  /** @throws FileProblem `not_allowed` when a real path, or the inode it has, is not for tools to see, or to change */
  assertAllowed(path: string, identity?: Identity): void {
    if (!this.allows(path, identity)) throw this.refusal(path);
  }

  /** @throws FileProblem `approval_required` when a change of a real path must be asked about and was not */
  assertAsked(path: string): void {
    const why = this.#whyAsked(path);
    if (why === undefined) return;
    throw new FileProblem(
      "approval_required",
      `${askedSentence(path, why)} Nobody was: send the call again with exactly this path, and the user is asked.`,
    );
  }

  allows(path: string, identity?: Identity): boolean {
    if (NEVER.some((folder) => isInside(folder, path))) return false;
    if (!this.roots.some(({ real }) => isInside(real, path))) return false;
    if (this.#hidden.have(path, identity)) return false;
    return !this.#protected.have(path, identity);
  }

  /** @throws FileProblem `not_allowed` when a folder is a root, or has a root or a hidden place in it: it must stay */
  assertMovable(path: string): void {
    const holdsRoot = this.roots.some(({ real }) => isInside(path, real));
    if (!holdsRoot && !this.#hidden.lieIn(path) && !this.#protected.lieIn(path)) return;
    throw new FileProblem("not_allowed", `"${path}" must stay: it is, or contains, a protected folder.`);
  }

  refusal(path: string): FileProblem {
    if (this.#protected.have(path) && !this.#hidden.have(path))
      return new FileProblem(
        "not_allowed",
        `"${path}" belongs to MacJarvis itself, or to what it is started from: it may be read and not changed.`,
      );
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

/** Guarded places by all their names, and by their inodes where they exist. */
class Places {
  readonly #names: readonly string[];
  readonly #inodes: ReadonlySet<string>;

  private constructor(names: string[], inodes: Set<string>) {
    this.#names = [...new Set(names.map(foldedName))];
    this.#inodes = inodes;
  }

  /** Each folder is asked once for all that may lie in it: most of it is not there, and every call asks anew. */
  static async of(given: string[], base: string): Promise<Places> {
    const paths = given.map((path) => absolutePath(path, { home: "/", base }));
    const folders = [...Map.groupBy(paths, (path) => dirname(path))];
    const found = await Promise.all(folders.map(([folder, inIt]) => placesIn(folder, inIt)));
    const identities = found.flatMap((places) => places.identities);
    return new Places([...paths, ...found.flatMap(({ names }) => names)], new Set(identities));
  }

  /** Whether a path is one of them or lies in one. */
  have(path: string, identity?: Identity): boolean {
    if (identity !== undefined && this.#inodes.has(inodeKey(identity))) return true;
    const folded = foldedName(path);
    return this.#names.some((name) => isInside(name, folded));
  }

  /** Whether one of them is the path or lies in it. */
  lieIn(path: string): boolean {
    const folded = foldedName(path);
    return this.#names.some((name) => isInside(folded, name));
  }
}

/** So many paths are looked for one by one. */
const FEW = 4;

/** The real names of paths in one folder, and the inodes of those that are there. */
async function placesIn(folder: string, paths: string[]): Promise<{ names: string[]; identities: string[] }> {
  const real = await realAncestor(folder);
  const entries = paths.length > FEW ? await entriesOf(folder) : undefined;
  const isThere = (path: string) => entries?.has(foldedName(basename(path))) ?? true;
  const there = await Promise.all(
    paths.filter(isThere).map(async (path) => {
      const identity = await stat(path).catch(() => undefined);
      return identity ? [{ name: await realAncestor(path), key: inodeKey(identity) }] : [];
    }),
  );
  return {
    names: [...paths.map((path) => join(real, basename(path))), ...there.flat().map(({ name }) => name)],
    identities: there.flat().map(({ key }) => key),
  };
}

/** Folded names; undefined for a folder that may not be listed: what is in it may still be reached. */
async function entriesOf(folder: string): Promise<Set<string> | undefined> {
  try {
    return new Set((await readdir(folder)).map(foldedName));
  } catch (error: unknown) {
    return ["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "") ? new Set() : undefined;
  }
}

/** The boundary of one call. @throws FileProblem `not_allowed` when none of the roots exists */
export async function boundaryOf(access: FileAccess, purpose: Purpose): Promise<Boundary> {
  const named = access.roots.map((root) => absolutePath(root, { home: access.home, base: "/" }));
  const roots: Root[] = [];
  for (const root of named) {
    const real = await realpath(root).catch(() => undefined);
    if (real !== undefined) roots.push({ named: root, real });
  }
  const base = named[0];
  if (base === undefined || roots.length === 0) {
    throw new FileProblem("not_allowed", "None of the folders that this machine allows exists.");
  }
  const [hidden, closed] = await Promise.all([
    Places.of(access.hidden, base),
    Places.of(purpose === "change" ? access.protected : [], base),
  ]);
  const machine = { home: access.home, roots: roots.map(({ real }) => real) };
  const isFree = purpose === "look" || access.approved;
  return new Boundary(base, roots, { hidden, protected: closed }, (path) =>
    isFree ? undefined : whyAsked(path, machine),
  );
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
