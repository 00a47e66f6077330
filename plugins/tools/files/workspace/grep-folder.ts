// Searches the text of all files below a folder for grep_recursive. The event loop gets its turns while it works.
import { headOf } from "../../../../lib/cut-text.ts";
import type { Boundary, FileAccess } from "../../../../lib/files/boundary.ts";
import { problemOf } from "../../../../lib/files/file-problem.ts";
import { Breath } from "./breath.ts";
import { globMatcher, lineMatcher, type Matcher, spelling } from "./linear-patterns.ts";
import { openEntry } from "./open-file.ts";
import { openTree } from "./open-tree.ts";
import { readBytes } from "./read-bytes.ts";
import { wholeText } from "./text.ts";
import type { Entry, WalkLimits } from "./walk-tree.ts";

export type GrepRequest = {
  pattern: string;
  filePattern: string | undefined;
  excludeDirs: string[];
  maxResults: number;
};
type LineMatch = {
  /** Real path. */
  path: string;
  /** From 1. */
  line: number;
  /** The line, cut at 500 characters. */
  text: string;
};
export type LinesFound = {
  directory: string;
  matches: LineMatch[];
  files_searched: number;
  /** Binary or over 5 MB. */
  files_skipped: number;
  /** Files and folders that could not, or may not, be opened. */
  unreadable: number;
  /** There may be more. */
  truncated: boolean;
};

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const SHOWN_OF_A_LINE = 500;
/** Minified files have lines of megabytes; the worst expressions of 500 characters take 0.1 s for so many. */
const SEARCHED_OF_A_LINE = 4_000;

/** @throws FileProblem `invalid_pattern`, and as `openTree` */
export async function grepFolder(
  access: FileAccess & WalkLimits,
  path: string,
  request: GrepRequest,
): Promise<LinesFound> {
  const fits = lineMatcher(request.pattern);
  const searched = request.filePattern === undefined ? () => true : globMatcher(request.filePattern);
  const excluded = new Set(request.excludeDirs.map(spelling));
  await using tree = await openTree(access, path, ({ name }) => !excluded.has(spelling(name)));
  const breath = new Breath(access.signal);
  const found = { matches: [] as LineMatch[], files_searched: 0, files_skipped: 0, unreadable: 0 };
  for await (const entry of tree.entries()) {
    if (entry.kind !== "file" || !searched(entry.relativePath)) continue;
    const text = await textOf(tree.boundary, entry);
    if (text === "unreadable") found.unreadable += 1;
    else if (text === "skipped") found.files_skipped += 1;
    else {
      found.files_searched += 1;
      // One more than asked for, to know whether there is more.
      const wanted = request.maxResults - found.matches.length + 1;
      found.matches.push(...(await linesOf(text.text, entry.path, fits, wanted, breath)));
      if (found.matches.length > request.maxResults) break;
    }
  }
  const truncated = tree.walk.truncated || found.matches.length > request.maxResults;
  return {
    directory: tree.path,
    ...found,
    matches: found.matches.slice(0, request.maxResults),
    unreadable: found.unreadable + tree.walk.unreadable,
    truncated,
  };
}

async function textOf(
  boundary: Boundary,
  { directory, name, path }: Entry,
): Promise<{ text: string } | "skipped" | "unreadable"> {
  try {
    await using file = await openEntry(boundary, directory, name);
    if (file.stats.size > MAX_FILE_BYTES) return "skipped";
    const text = await wholeText(await readBytes(file.handle, 0, MAX_FILE_BYTES));
    return text === undefined ? "skipped" : { text };
  } catch (error: unknown) {
    if (!problemOf(error, path)) throw error;
    return "unreadable";
  }
}

/** The first `wanted` lines of a text that fit. */
async function linesOf(
  text: string,
  path: string,
  fits: Matcher,
  wanted: number,
  breath: Breath,
): Promise<LineMatch[]> {
  const matches: LineMatch[] = [];
  let begin = 0;
  for (let number = 1; begin < text.length && matches.length < wanted; number += 1) {
    if (breath.due) await breath.take();
    const newline = text.indexOf("\n", begin);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(begin, Math.min(end, begin + SEARCHED_OF_A_LINE)).replace(/\r$/, "");
    if (fits(line)) matches.push({ path, line: number, text: shown(line) });
    begin = end + 1;
  }
  return matches;
}

const shown = (line: string) => (line.length > SHOWN_OF_A_LINE ? `${headOf(line, SHOWN_OF_A_LINE)}…` : line);
