// grep_search: lines of one file that fit a regular expression, with the lines around them.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { lineMatcher } from "./workspace/linear-patterns.ts";
import { searchFile } from "./workspace/search-file.ts";

/** Minified files have lines of megabytes; the worst expressions of 500 characters take 0.1 s for so many. */
const SEARCHED_OF_A_LINE = 4_000;

export default defineTool({
  name: "grep_search",
  description:
    "Finds the lines of one text file, of any size, that fit a regular expression (or, inverted, those that do not), with the lines around them. Of a line the first 4,000 characters are searched. `truncated` says that there may be more. For a folder use grep_recursive.",
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
    path: pathArgument("The file"),
    context_lines: z.int().min(0).max(20).default(0).describe("Lines to show before and after each"),
    invert: z.boolean().default(false).describe("The lines that do not fit"),
    max_matches: z.int().min(1).max(500).default(100).describe("Lines at most"),
  }),
  execute: ({ pattern, path, context_lines, invert, max_matches }, context) =>
    fileResult(path, () => {
      const fits = lineMatcher(pattern);
      return searchFile(context, path, {
        fits: invert ? (line) => !fits(line) : fits,
        contextLines: context_lines,
        maxMatches: max_matches,
        longest: SEARCHED_OF_A_LINE,
      });
    }),
});
