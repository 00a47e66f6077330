// The text of one document that was opened: what extract_text, text_statistics and whoever else needs a document's text calls. It is
// read in a process of its own, because documents are made by strangers and large ones take seconds.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { runApart } from "../../../../lib/apart/run-apart.ts";
import type { OpenFile } from "../../files/workspace/open-file.ts";
import type { ExtractionTask } from "./extraction-process.ts";
import type { ReadDocument } from "./read-document.ts";
import type { Counted } from "./word-count.ts";

/** Which part of the text is wanted, in UTF-16 units. */
export type Part = { offset: number; most: number };
/** The part, and where the rest of the text begins; null at its end. */
export type ExtractedText = ReadDocument & { text: string; next: number | null };
type Limits = Pick<ToolContext, "signal" | "deadlineAt">;

const MODULE = new URL("./extraction-process.ts", import.meta.url);
/** Before the deadline, so that what was counted by then can be said. */
const COUNT_RESERVE_MS = 5_000;

/**
 * Reads a document's text. The kind is told by its bytes, not by its name. Several may be read at once.
 * @throws ToolFailure `encrypted`, `damaged`, `unsupported`, `binary`, `no_text` (empty, or a scan), `too_large`, `timed_out`
 */
export function extractText(file: OpenFile, { offset, most }: Part, limits: Limits): Promise<ExtractedText> {
  return read<ExtractedText>(file, { type: "text", name: file.path, offset, most }, limits);
}

/** Counts words in a document's text. @throws as `extractText` */
export function countWords(file: OpenFile, limits: Limits): Promise<ReadDocument & Counted> {
  const until = limits.deadlineAt - COUNT_RESERVE_MS;
  return read<ReadDocument & Counted>(file, { type: "count", name: file.path, until }, limits);
}

function read<Answer>(file: OpenFile, task: ExtractionTask, limits: Limits): Promise<Answer> {
  const { signal, deadlineAt } = limits;
  return runApart<Answer>({ module: MODULE, task, descriptors: [file.handle.fd], signal, deadlineAt });
}
