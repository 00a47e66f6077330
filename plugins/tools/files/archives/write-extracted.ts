// Writes the entries of an archive into a new, held folder that nobody else knows of.
import { mkdir, open, symlink } from "node:fs/promises";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "../workspace/held-directory.ts";
import { EXCLUSIVELY, madeAnew } from "../workspace/reserve-name.ts";
import type { ReadEntry } from "./archive-entry.ts";
import { FolderWay } from "./folder-way.ts";
import type { Planned } from "./plan-extraction.ts";

export type Extracted = { files: number; folders: number; links: number; bytes: number };

/**
 * @param entries as they were planned
 * @throws FileProblem `changed` when they are others by now, `bad_archive`; AbortError, a system error (`ENOSPC` …). A part is there then
 */
export async function writeExtracted(
  entries: AsyncIterable<ReadEntry>,
  planned: Planned[],
  folder: HeldDirectory,
  signal: AbortSignal,
): Promise<Extracted> {
  const extracted: Extracted = { files: 0, folders: 0, links: 0, bytes: 0 };
  await using way = new FolderWay(folder);
  let at = 0;
  for await (const entry of entries) {
    signal.throwIfAborted();
    const plan = planned[at];
    at += 1;
    if (plan?.path !== entry.path) throw changed();
    if ("leftOut" in plan) continue;
    const name = plan.names.at(-1);
    if (name === undefined) continue;
    const parent = await way.to(plan.names.slice(0, -1));
    if (entry.kind === "directory") {
      if (await madeAnew(() => mkdir(parent.entry(name)))) extracted.folders += 1;
    } else if (entry.kind === "symlink") {
      await symlink(entry.target ?? "", parent.entry(name));
      extracted.links += 1;
    } else {
      extracted.bytes += await writeFile(entry, parent.entry(name), signal);
      extracted.files += 1;
    }
  }
  if (at !== planned.length) throw changed();
  return extracted;
}

/** With the archive's permission bits, as far as the user's umask lets them, and never setuid. */
async function writeFile(entry: ReadEntry, path: string, signal: AbortSignal): Promise<number> {
  const mode = entry.mode === undefined ? 0o666 : (entry.mode & 0o777) | 0o600;
  await using handle = await open(path, EXCLUSIVELY, mode);
  let size = 0;
  for await (const piece of entry.content()) {
    signal.throwIfAborted();
    size += piece.length;
    if (size > entry.size) throw changed();
    for (let written = 0; written < piece.length; )
      written += (await handle.write(piece, written, piece.length - written)).bytesWritten;
  }
  if (entry.modified) await handle.utimes(entry.modified, entry.modified);
  return size;
}

const changed = () =>
  new FileProblem("changed", "The archive was changed while it was read; try again. Nothing was extracted.");
