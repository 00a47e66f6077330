// grep_recursive: lines that fit a regular expression, in all text files below a folder.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { grepFolder } from "./workspace/grep-folder.ts";

export default defineTool({
  name: "grep_recursive",
  description:
    "Finds lines that fit a regular expression in the text files below a folder. Binary files and files over 5 MB are skipped; of a line the first 4,000 characters are searched. `truncated` says that there may be more.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    pattern: z
      .string()
      .min(1)
      .max(500)
      .describe("Regular expression in RE2 syntax (no look-around, no back-references); (?i) ignores case"),
    directory: pathArgument("The folder to search in"),
    file_pattern: z.string().min(1).max(500).optional().describe("Only files that fit this glob, e.g. *.ts"),
    exclude_dirs: z
      .array(z.string().min(1).max(255))
      .max(50)
      .default(["node_modules", ".git"])
      .describe("Names of folders to leave out"),
    max_results: z.int().min(1).max(500).default(100).describe("Lines at most"),
  }),
  execute: ({ pattern, directory, file_pattern, exclude_dirs, max_results }, context) =>
    fileResult(directory, () =>
      grepFolder(context, directory, {
        pattern,
        filePattern: file_pattern,
        excludeDirs: exclude_dirs,
        maxResults: max_results,
      }),
    ),
});
