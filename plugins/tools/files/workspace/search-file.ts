// Searches one text file line by line for find_in_file and grep_search.

import { headOf, tailOf } from "../../../../lib/cut-text.ts";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import { Breath } from "./breath.ts";
import { encodingOfFile, type FileEncoding } from "./encoding/encoding-of-file.ts";
import type { Matcher } from "./linear-patterns.ts";
import { type OpenFile, openFile } from "./open-file.ts";
import { TextLines } from "./text-lines.ts";
import type { WalkLimits } from "./walk-tree.ts";

export type FileSearch = {
  fits: Matcher;
  /** Lines to show before and after each one found. */
  contextLines: number;
  maxMatches: number;
  /** Characters of a line that are looked at. */
  longest: number;
  /** Where in a line that fits it fits; of a long line what is around it is shown. Its beginning unless given. */
  placeIn?: (line: string) => number;
};
export type FoundLine = {
  /** From 1. */
  line: number;
  /** Cut at 500 characters, like the lines around it. */
  text: string;
  before?: string[];
  after?: string[];
};
export type FoundInFile = {
  path: string;
  encoding: FileEncoding["encoding"];
  matches: FoundLine[];
  lines_searched: number;
  /** There may be more: at `maxMatches`, or the time was up. */
  truncated: boolean;
};

const SHOWN_OF_A_LINE = 500;
/** Characters of all that is shown. */
const SHOWN_IN_ALL = 300_000;

/** @throws FileProblem `binary`, and as `openFile` */
export async function searchFile(
  access: FileAccess & WalkLimits,
  path: string,
  search: FileSearch,
): Promise<FoundInFile> {
  await using file = await openSearched(access, path);
  const { encoding, mark } = await encodingOfFile(file);
  const { signal, deadlineAt } = access;
  const lines = new TextLines(file, { signal, deadlineAt, longest: search.longest });
  const finding = new Finding(search);
  const breath = new Breath(signal);
  reading: for await (const batch of lines.batches({ encoding, mark })) {
    for (const line of batch) {
      if (breath.due) await breath.take();
      finding.see(line);
      if (finding.isFull) break reading;
    }
  }
  const { matches, seen: lines_searched, hasMore } = finding;
  return { path: file.path, encoding, matches, lines_searched, truncated: hasMore || lines.outOfTime };
}

async function openSearched(access: FileAccess, path: string): Promise<OpenFile> {
  try {
    return await openFile(access, path);
  } catch (error: unknown) {
    if (!isProblem(error, "is_directory")) throw error;
    throw new FileProblem(
      "is_directory",
      `"${path}" is a folder: use grep_recursive to search in its files.`,
    );
  }
}

/** Takes the lines one by one, and keeps those that fit with the ones around them. */
class Finding {
  readonly matches: FoundLine[] = [];
  seen = 0;
  hasMore = false;
  readonly #search: FileSearch;
  #before: string[] = [];
  /** Found lines that still get lines after them. */
  #open: { after: string[] }[] = [];
  #shown = 0;

  constructor(search: FileSearch) {
    this.#search = search;
  }

  /** Nothing that comes would be kept. */
  get isFull(): boolean {
    return this.hasMore && this.#open.length === 0;
  }

  see(line: string): void {
    const { fits, contextLines, maxMatches } = this.#search;
    this.seen += 1;
    for (const { after } of this.#open) this.#keep(after, line);
    this.#open = this.#open.filter(({ after }) => after.length < contextLines);
    if (!this.hasMore && fits(line)) {
      if (this.matches.length >= maxMatches || this.#shown > SHOWN_IN_ALL) this.hasMore = true;
      else this.#found(line);
    }
    if (contextLines === 0) return;
    this.#before.push(line);
    if (this.#before.length > contextLines) this.#before.shift();
  }

  #found(line: string): void {
    const match: FoundLine = { line: this.seen, text: shown(line, this.#search.placeIn) };
    this.#shown += match.text.length;
    this.matches.push(match);
    if (this.#search.contextLines === 0) return;
    match.before = [];
    match.after = [];
    for (const each of this.#before) this.#keep(match.before, each);
    this.#open.push({ after: match.after });
  }

  #keep(lines: string[], line: string): void {
    const text = shown(line);
    this.#shown += text.length;
    lines.push(text);
  }
}

const SHOWN_BEFORE = 200;

function shown(line: string, placeIn?: FileSearch["placeIn"]): string {
  if (line.length <= SHOWN_OF_A_LINE) return line;
  const at = placeIn?.(line) ?? 0;
  const before = tailOf(line.slice(0, at), SHOWN_BEFORE);
  const rest = line.slice(at);
  const after = headOf(rest, SHOWN_OF_A_LINE - before.length);
  return `${before.length < at ? "…" : ""}${before}${after}${after.length < rest.length ? "…" : ""}`;
}
