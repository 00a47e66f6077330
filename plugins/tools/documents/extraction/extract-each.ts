// The texts of several documents, for extract_text: each gets a fair share of what one call gives, and one that fails does not
// take the others with it.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { FileProblem, problemOf } from "../../../../lib/files/file-problem.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { openFile } from "../../files/workspace/open-file.ts";
import { extractText, type Part } from "./extract-text.ts";
import type { ReadDocument } from "./read-document.ts";

type Text = ReadDocument & {
  path: string;
  text: string;
  offset: number;
  truncated: boolean;
  /** Where to read on; null at the end. */
  next_offset: number | null;
};
type Failed = { path: string; error: { code: string; message: string } };
export type Documents = { documents: (Text | Failed)[]; failed: number };

/**
 * In the order of the paths.
 * @throws FileProblem, ToolFailure when there is one document and it fails; FileProblem `failed` when all of several do, or
 * `invalid_path` for an offset into several
 */
export async function extractEach(context: ToolContext, paths: string[], part: Part): Promise<Documents> {
  if (part.offset > 0 && paths.length > 1)
    throw new FileProblem("invalid_path", "An offset fits one document: call once for each path.");
  const documents: (Text | Failed)[] = [];
  let left = part.most;
  for (const [index, path] of paths.entries()) {
    const most = Math.max(1, Math.floor(left / (paths.length - index)));
    const document = await one(context, path, { ...part, most }, paths.length === 1);
    if ("text" in document) left -= document.text.length;
    documents.push(document);
  }
  const failed = documents.filter((document) => "error" in document);
  if (failed.length < documents.length) return { documents, failed: failed.length };
  const words = failed.map(({ path, error }) => `"${path}": ${error.message}`).join("\n");
  throw new FileProblem("failed", `None of the documents could be read.\n${words}`);
}

async function one(context: ToolContext, path: string, part: Part, isOnly: boolean): Promise<Text | Failed> {
  try {
    await using file = await openFile(context, path);
    const { text, next, ...document } = await extractText(file, part, context);
    const rest = { offset: part.offset, truncated: next !== null, next_offset: next };
    return { path: file.path, ...document, ...rest, text };
  } catch (error: unknown) {
    if (isOnly || context.signal.aborted) throw error;
    const known = error instanceof ToolFailure ? error : problemOf(error, path);
    if (!known) throw error;
    return { path, error: { code: known.code, message: known.message } };
  }
}
