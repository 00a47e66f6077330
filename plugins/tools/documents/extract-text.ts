// extract_text: what is written in documents.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { extractEach } from "./extraction/extract-each.ts";

export default defineTool({
  name: "extract_text",
  description:
    "Reads the text of documents: pdf, docx, xlsx, pptx, html, md, txt and csv. Use it for documents, read_file for source code and logs. Pages, slides and sheets begin with a line such as `--- page 3 ---`. A document with `truncated` goes on at its `next_offset`. Scanned pages have no text, encrypted documents cannot be read; of several documents those that fail are named with the reason.",
  category: "documents",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 120_000,
  parameters: z.strictObject({
    paths: z.array(pathArgument("A document")).min(1).max(20).describe("The documents"),
    offset: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(0)
      .describe("Character to start at, only with one path: the next_offset of the call before"),
    max_characters: z
      .int()
      .min(1)
      .max(50_000)
      .default(15_000)
      .describe("Characters to give at most, of all documents together"),
  }),
  execute: ({ paths, offset, max_characters }, context) =>
    fileResult(paths[0] ?? "", () => extractEach(context, paths, { offset, most: max_characters })),
});
