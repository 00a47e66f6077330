// find_in_file: lines of one file that have a text in them.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { findText } from "./workspace/find-text.ts";

export default defineTool({
  name: "find_in_file",
  description:
    "Finds the lines of one text file, of any size, that have a text in them, with their numbers. The text is taken as it is; grep_search takes regular expressions and shows lines around, grep_recursive searches whole folders. `truncated` says that there may be more.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The file"),
    query: z.string().min(1).max(1_000).describe("The text, within one line"),
    case_sensitive: z.boolean().default(false).describe("Tell capital letters from small ones"),
    max_matches: z.int().min(1).max(500).default(100).describe("Lines at most"),
  }),
  execute: ({ path, query, case_sensitive, max_matches }, context) =>
    fileResult(path, () =>
      findText(context, path, { query, caseSensitive: case_sensitive, maxMatches: max_matches }),
    ),
});
