// diff_files: what differs between two text files.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { compareFiles } from "./workspace/difference/compare-files.ts";

export default defineTool({
  name: "diff_files",
  description:
    "Compares two text files of at most 5 MB each, whatever their encodings, and gives a unified diff from the first to the second: lines with - are only in path1, lines with + only in path2. `identical` tells whether they are the same byte by byte. For binary or larger files compare checksums (calculate_hash).",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path1: pathArgument("The old file"),
    path2: pathArgument("The new file"),
    context_lines: z.int().min(0).max(100).default(3).describe("Equal lines to show around each difference"),
    ignore_whitespace: z
      .boolean()
      .default(false)
      .describe("Take lines that differ only in white space for the same"),
  }),
  execute: ({ path1, path2, context_lines, ignore_whitespace }, context) =>
    fileResult(path1, () =>
      compareFiles(context, path1, path2, {
        contextLines: context_lines,
        ignoreWhitespace: ignore_whitespace,
      }),
    ),
});
