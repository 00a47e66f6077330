// Compares two text files for diff_files, each in its own encoding.
import type { FileAccess } from "../../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../../lib/files/file-problem.ts";
import { Breath } from "../breath.ts";
import { encodingOfFile, type FileEncoding, textDecoder } from "../encoding/encoding-of-file.ts";
import { lineEndOf } from "../encoding/line-ends.ts";
import { openFile } from "../open-file.ts";
import { readBytes } from "../read-bytes.ts";
import { changedLines } from "./changed-lines.ts";
import { unifiedDiff } from "./unified.ts";

export type CompareRequest = { contextLines: number; ignoreWhitespace: boolean };
export type FileDifference = {
  path1: string;
  path2: string;
  /** Byte by byte. */
  identical: boolean;
  /** Where the text is the same and the bytes are not, e.g. in how lines end, or in what counts as the same here. */
  same_text?: true;
  encoding1: FileEncoding["encoding"];
  encoding2: FileEncoding["encoding"];
  /** The lines of the two files end in different ways; that alone is shown as no difference. */
  line_ends_differ?: true;
  lines_removed: number;
  lines_added: number;
  /** Unified; empty when no line differs. */
  diff: string;
  /** The end of the diff, or of long lines, is left out. */
  truncated: boolean;
  /** They differ so much that more lines may be shown as changed than need be. */
  approximate?: true;
};

const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** @throws FileProblem `too_large`, `binary`, and as `openFile` */
export async function compareFiles(
  access: FileAccess,
  path1: string,
  path2: string,
  request: CompareRequest,
): Promise<FileDifference> {
  const one = await readText(access, path1);
  const two = await readText(access, path2);
  const sameEnds = lineEndsAgree(one.text, two.text);
  const breath = new Breath(access.signal);
  const from = await sideOf(one, sameEnds, breath);
  const to = await sideOf(two, sameEnds, breath);
  const numbers = new Map<string, number>();
  const spelled = request.ignoreWhitespace
    ? (line: string) => line.replace(/\s+/g, "")
    : (line: string) => line;
  // A last line that has no break differs from one that has, unless white space is no difference.
  const marks = request.ignoreWhitespace ? [] : [from, to].map((side) => !side.endsWithBreak);
  const changed = await changedLines(
    await numbered(from.lines, marks[0] === true, spelled, numbers, breath),
    await numbered(to.lines, marks[1] === true, spelled, numbers, breath),
    breath,
  );
  const { text, truncated } = unifiedDiff({ from, to }, changed, request.contextLines);
  const identical = one.bytes.equals(two.bytes);
  return {
    path1: one.path,
    path2: two.path,
    identical,
    ...(!identical && text === "" ? { same_text: true } : {}),
    encoding1: one.encoding,
    encoding2: two.encoding,
    ...(sameEnds ? {} : { line_ends_differ: true }),
    lines_removed: count(changed.removed),
    lines_added: count(changed.added),
    diff: text,
    truncated,
    ...(changed.isShortest ? {} : { approximate: true }),
  };
}

type ReadText = { path: string; bytes: Buffer; encoding: FileEncoding["encoding"]; text: string };

async function readText(access: FileAccess, path: string): Promise<ReadText> {
  await using file = await openFile(access, path);
  const { encoding, mark } = await encodingOfFile(file);
  const bytes = await readBytes(file.handle, 0, MAX_FILE_BYTES + 1);
  if (bytes.length > MAX_FILE_BYTES)
    throw new FileProblem(
      "too_large",
      `"${file.path}" is larger than ${MAX_FILE_BYTES} bytes; compare parts of it with read_file, or checksums with calculate_hash.`,
    );
  return { path: file.path, bytes, encoding, text: textDecoder(encoding)(bytes.subarray(mark)) };
}

/** False for a file of Windows and one of Unix, whose every line would differ. */
function lineEndsAgree(one: string, two: string): boolean {
  if (!one.includes("\r") && !two.includes("\r")) return true;
  const [first, second] = [lineEndOf(one), lineEndOf(two)];
  return first === undefined || second === undefined || first === second;
}

async function sideOf({ path, text: given }: ReadText, keepsReturns: boolean, breath: Breath) {
  const text = keepsReturns ? given : given.replace(/\r\n?/g, "\n");
  const lines: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (breath.due) await breath.take();
    const end = text.indexOf("\n", at);
    lines.push(text.slice(at, end === -1 ? text.length : end));
    if (end === -1) return { path, lines, endsWithBreak: false };
    at = end + 1;
  }
  return { path, lines, endsWithBreak: true };
}

/** The same number for lines that count as the same. */
async function numbered(
  lines: string[],
  isOpen: boolean,
  spelled: (line: string) => string,
  numbers: Map<string, number>,
  breath: Breath,
): Promise<Int32Array> {
  const given = new Int32Array(lines.length);
  for (const [at, line] of lines.entries()) {
    if (breath.due) await breath.take();
    const key = isOpen && at === lines.length - 1 ? `${spelled(line)}\n` : spelled(line);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    given[at] = number;
  }
  return given;
}

const count = (marks: Uint8Array) => marks.reduce((sum, mark) => sum + mark, 0);
