// The last lines of a text file of any size for tail_log, read from its end in blocks.
import { headOf } from "../../../../lib/cut-text.ts";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { Breath } from "./breath.ts";
import { encodingOfFile, type FileEncoding, textDecoder } from "./encoding/encoding-of-file.ts";
import { speller } from "./find-text.ts";
import { LinesBackwards } from "./lines-backwards.ts";
import { openFile } from "./open-file.ts";
import type { WalkLimits } from "./walk-tree.ts";

export type TailRequest = {
  lines: number;
  /** Only lines that have this text, whatever its case. */
  filter: string | undefined;
};
export type Tail = {
  path: string;
  encoding: FileEncoding["encoding"];
  /** Of the file, in bytes. */
  size: number;
  /** The lines, the newest last. */
  content: string;
  lines: number;
  /** There is more before them that was not looked at, or a line was cut. */
  truncated: boolean;
  /** Bytes from the end that were looked at. */
  bytes_searched: number;
};

const SHOWN_OF_A_LINE = 2_000;
/** Characters of all lines together; the newest are kept. */
const SHOWN_IN_ALL = 200_000;

/** @throws FileProblem `binary`, and as `openFile` */
export async function tailText(
  access: FileAccess & WalkLimits,
  path: string,
  { lines: wanted, filter }: TailRequest,
): Promise<Tail> {
  await using file = await openFile(access, path);
  const known = await encodingOfFile(file);
  const fits = filterOf(filter);
  const decoded = textDecoder(known.encoding);
  const backwards = new LinesBackwards(file, known, access);
  const breath = new Breath(access.signal);
  const found: string[] = [];
  let shown = 0;
  let wasCut = false;
  for await (const bytes of backwards.lines()) {
    if (breath.due) await breath.take();
    const line = decoded(bytes).replace(/\r$/, "");
    if (!fits(line)) continue;
    if (found.length >= wanted || shown > SHOWN_IN_ALL) {
      wasCut = true;
      break;
    }
    const text = line.length > SHOWN_OF_A_LINE ? `${headOf(line, SHOWN_OF_A_LINE)}…` : line;
    wasCut ||= text !== line;
    shown += text.length;
    found.push(text);
  }
  return {
    path: file.path,
    encoding: known.encoding,
    size: file.stats.size,
    content: found.reverse().join("\n"),
    lines: found.length,
    truncated: wasCut || backwards.truncated,
    bytes_searched: backwards.bytesRead,
  };
}

function filterOf(filter: string | undefined): (line: string) => boolean {
  if (filter === undefined) return () => true;
  const spelled = speller(false);
  const wanted = spelled(filter);
  return (line) => spelled(line).includes(wanted);
}
