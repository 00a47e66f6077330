// Looks through a whole archive before anything of it is written: every name, every kind and all limits.
import { join } from "node:path";
import type { Boundary } from "../../../../lib/files/boundary.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import { foldedName } from "../../../../lib/files/path-names.ts";
import { Breath } from "../workspace/breath.ts";
import { MAX_ENTRIES, type ReadEntry } from "./archive-entry.ts";
import { entryPlace, staysInside } from "./entry-path.ts";

/** What becomes of an entry: names below the folder (none for the folder itself), or why it is left out. */
export type Planned = { path: string } & ({ names: string[] } | { leftOut: string });

const MAX_BYTES = 10 * 1024 ** 3;
/** Text shrinks to a twentieth, and hardly ever to less than a hundredth. */
const MAX_RATIO = 200;
/** Below it the ratio says nothing. */
const ALWAYS_FINE_BYTES = 64 * 1024 ** 2;

/** Of all names and the folders in them. */
const MOST_CHARACTERS = 100_000_000;

/** @param folder real path that it is to be extracted to; @param bytes of the archive */
export type ExtractionTarget = { boundary: Boundary; folder: string; bytes: number };

/**
 * One plan for each entry, in their order.
 * @throws FileProblem `bad_archive` (a path that leads out, a name twice or in two spellings, damage), `too_large`
 */
export async function planExtraction(
  entries: AsyncIterable<ReadEntry>,
  target: ExtractionTarget,
  signal: AbortSignal,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  const taken = new TakenNames();
  const limits = new Limits(target.bytes);
  const breath = new Breath(signal);
  for await (const entry of entries) {
    if (breath.due) await breath.take();
    limits.count(entry);
    const place = placeOf(entry, target);
    if ("names" in place && place.names.length > 0) taken.take(place.names, entry.kind === "directory");
    planned.push({ path: entry.path, ...place });
  }
  return planned;
}

/** What all entries together may be. */
class Limits {
  readonly #most: number;
  #entries = 0;
  #bytes = 0;

  constructor(archiveBytes: number) {
    this.#most = Math.min(MAX_BYTES, Math.max(ALWAYS_FINE_BYTES, archiveBytes * MAX_RATIO));
  }

  count({ size }: ReadEntry): void {
    this.#entries += 1;
    this.#bytes += size;
    if (this.#entries > MAX_ENTRIES)
      throw new FileProblem(
        "too_large",
        `The archive has more than ${MAX_ENTRIES} entries. Nothing was extracted.`,
      );
    if (this.#bytes > this.#most)
      throw new FileProblem(
        "too_large",
        `The archive would grow to more than ${this.#most} bytes (10 GB, and ${MAX_RATIO} times its size, are the most). Nothing was extracted.`,
      );
  }
}

function placeOf(
  entry: ReadEntry,
  { boundary, folder }: ExtractionTarget,
): { names: string[] } | { leftOut: string } {
  const place = entryPlace(entry.path);
  if ("leftOut" in place) return place;
  const { names } = place;
  if (names.length === 0) return entry.kind === "directory" ? place : { leftOut: "it has no name" };
  if (entry.kind === "other") return { leftOut: entry.words ?? "special file" };
  if (entry.kind === "symlink" && !staysInside(names, entry.target ?? ""))
    return { leftOut: "a link that leads out of the folder" };
  return whyNot(boundary, join(folder, ...names)) ?? place;
}

/** What nobody was asked about is left out: an archive of somebody else's brings what runs by itself. */
function whyNot(boundary: Boundary, path: string): { leftOut: string } | undefined {
  try {
    boundary.assertAllowed(path);
    boundary.assertAsked(path);
    return undefined;
  } catch (error: unknown) {
    if (isProblem(error, "not_allowed")) return { leftOut: "a protected place" };
    if (isProblem(error, "approval_required"))
      return { leftOut: "its place is one whose files run by themselves, or say what is run" };
    throw error;
  }
}

/** Names by the one spelling that any volume may take them for. */
class TakenNames {
  readonly #taken = new Map<string, { path: string; isFolder: boolean }>();
  #characters = 0;

  take(names: string[], isFolder: boolean): void {
    let path = "";
    for (const [at, name] of names.entries()) {
      path = path === "" ? name : `${path}/${name}`;
      this.#takeOne(path, at < names.length - 1 || isFolder);
    }
  }

  /** Folders may come again, everything else only once. */
  #takeOne(path: string, isFolder: boolean): void {
    const key = foldedName(path);
    const there = this.#taken.get(key);
    if (!there) {
      this.#characters += path.length + key.length;
      if (this.#characters > MOST_CHARACTERS)
        throw new FileProblem(
          "too_large",
          "The names in the archive are too long to be kept in mind. Nothing was extracted.",
        );
      this.#taken.set(key, { path, isFolder });
      return;
    }
    if (there.path === path && there.isFolder && isFolder) return;
    const words =
      there.path === path
        ? `has ${JSON.stringify(path)} twice, or something in it although it is no folder`
        : `has ${JSON.stringify(there.path)} and ${JSON.stringify(path)}, which many volumes take for the same name`;
    throw new FileProblem(
      "bad_archive",
      `The archive ${words}: one would replace the other. Nothing was extracted.`,
    );
  }
}
