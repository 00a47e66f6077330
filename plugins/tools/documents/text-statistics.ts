// text_statistics: how long a text is, and what it is about.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { openFile } from "../files/workspace/open-file.ts";
import { countWords } from "./extraction/extract-text.ts";

/** Of these each line is a paragraph. */
const LINE_IS_PARAGRAPH = ["docx", "pptx"];

export default defineTool({
  name: "text_statistics",
  description:
    "Counts characters, words, sentences, lines and paragraphs of a text or document (txt, md, csv, html, pdf, docx, xlsx, pptx) and lists its most frequent words. Words of languages without spaces (Chinese, Japanese, Thai …) are told apart by a dictionary; `east_asian_characters` is what such texts are measured in. Sentences are an estimate.",
  category: "documents",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 120_000,
  parameters: z.strictObject({ path: pathArgument("The text or document") }),
  execute: ({ path }, context) =>
    fileResult(path, async () => {
      await using file = await openFile(context, path);
      const { lines_with_text, blocks, ...counted } = await countWords(file, context);
      const paragraphs = LINE_IS_PARAGRAPH.includes(counted.kind) ? lines_with_text : blocks;
      return { path: file.path, bytes: file.stats.size, ...counted, paragraphs };
    }),
});
