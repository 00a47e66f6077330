// Extracts an archive for extract_archive: looked through first, written beside its place, then moved there.
import { mkdir } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { FileProblem, isProblem, problemOf } from "../../../../lib/files/file-problem.ts";
import { oneAtATime } from "../workspace/one-at-a-time.ts";
import { type OpenFile, openFile } from "../workspace/open-file.ts";
import { openFolder, openPlace, type Place } from "../workspace/open-place.ts";
import { removedOnFailure, removeTree } from "../workspace/remove-tree.ts";
import { makeWhole } from "../workspace/whole-folder.ts";
import { temporaryName } from "../workspace/write-atomically.ts";
import type { ArchiveFormat } from "./archive-entry.ts";
import { keepQuarantine } from "./keep-quarantine.ts";
import { assertMergeable, mergeFolder } from "./merge-folder.ts";
import { type ExtractionTarget, type Planned, planExtraction } from "./plan-extraction.ts";
import { entriesOf, formatOf } from "./read-archive.ts";
import { type Extracted, writeExtracted } from "./write-extracted.ts";

type FolderToFill = Pick<Place, "boundary" | "directory">;
export type ExtractedArchive = Extracted & {
  archive: string;
  format: ArchiveFormat;
  output: string;
  /** What was not extracted and why, by its path in the archive; the first hundred. */
  left_out: { path: string; why: string }[];
  /** How many in all. */
  left_out_count: number;
  /** macOS: the archive came from the internet, and so does what was in it (or it could not be marked so). */
  quarantine?: "kept" | "not kept";
};

const TOLD = 100;

/**
 * @throws FileProblem `bad_archive`, `too_large`, `exists`, `not_found`, `not_allowed`, `changed`, `no_space` …; nothing is there
 * then, or the words say what is
 */
export async function extractTo(
  context: ToolContext,
  archive: string,
  output: string,
): Promise<ExtractedArchive> {
  await using file = await openFile(context, archive);
  const format = await formatOf(file);
  const there = await existingFolder(context, output);
  if (there) {
    await using _directory = there.directory;
    return await oneAtATime(there.directory.path, () => extractInto(context, { file, format }, there));
  }
  const place = await openPlace(context, output, { purpose: "change", followLast: true });
  await using _parent = place.directory;
  return await oneAtATime(place.path, () => extractAnew(context, { file, format }, place));
}

/** Undefined when it, or a folder above it, is missing. */
async function existingFolder(context: ToolContext, output: string) {
  try {
    return await openFolder(context, output, "change");
  } catch (error: unknown) {
    if (isProblem(error, "not_found")) return undefined;
    throw error;
  }
}

type Source = { file: OpenFile; format: ArchiveFormat };

async function extractAnew(context: ToolContext, source: Source, place: Place): Promise<ExtractedArchive> {
  const planned = await plan(context, source, { boundary: place.boundary, folder: place.path });
  const done = await makeWhole(place, async (folder) => {
    const extracted = await writeExtracted(entries(context, source), planned, folder, context.signal);
    // As make_directory would have made it.
    await folder.handle.chmod(0o777 & ~process.umask());
    return { ...extracted, ...(await keepQuarantine(context, source.file, folder)) };
  });
  return said(source, place.path, planned, done);
}

async function extractInto(
  context: ToolContext,
  source: Source,
  { boundary, directory }: FolderToFill,
): Promise<ExtractedArchive> {
  const planned = await plan(context, source, { boundary, folder: directory.path });
  const temporary = temporaryName();
  await directory.assertAllowed(boundary);
  await mkdir(directory.entry(temporary), 0o700);
  const done = await removedOnFailure(directory, temporary, async () => {
    await using folder = await directory.child(temporary);
    const extracted = await writeExtracted(entries(context, source), planned, folder, context.signal);
    const marked = await keepQuarantine(context, source.file, folder);
    await assertMergeable(folder, directory, boundary);
    const moved: string[] = [];
    await mergeFolder(folder, directory, boundary, moved).catch((error: unknown) => {
      throw withWhatIsThere(error, moved, directory.path);
    });
    return { ...extracted, ...marked };
  });
  await removeTree(directory, temporary);
  return said(source, directory.path, planned, done);
}

const entries = ({ signal }: ToolContext, { file, format }: Source) => entriesOf(file, format, signal);

function plan(
  context: ToolContext,
  source: Source,
  target: Omit<ExtractionTarget, "bytes">,
): Promise<Planned[]> {
  const bytes = source.file.stats.size;
  return planExtraction(entries(context, source), { ...target, bytes }, context.signal);
}

function withWhatIsThere(error: unknown, moved: string[], folder: string): unknown {
  const problem = problemOf(error, folder);
  if (!problem || moved.length === 0) return error;
  const names = moved.slice(0, TOLD).map((path) => JSON.stringify(path));
  return new FileProblem(
    problem.code,
    `${problem.message} Of the archive only this is in its place (${moved.length}): ${names.join(", ")}.`,
  );
}

function said(
  { file, format }: Source,
  output: string,
  planned: Planned[],
  done: Extracted & Pick<ExtractedArchive, "quarantine">,
): ExtractedArchive {
  const leftOut = planned.flatMap((plan) =>
    "leftOut" in plan ? [{ path: plan.path, why: plan.leftOut }] : [],
  );
  return {
    ...{ archive: file.path, format, output },
    ...done,
    left_out: leftOut.slice(0, TOLD),
    left_out_count: leftOut.length,
  };
}
