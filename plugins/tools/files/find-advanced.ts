// find_advanced: files and folders by name, type, size, age and depth.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { findFiles } from "./workspace/find-files.ts";

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const sizeArgument = (words: string) => z.int().min(0).optional().describe(words);

export default defineTool({
  name: "find_advanced",
  description:
    "Finds files and folders below a folder by name, type, size, time of change and depth; all that is given must fit. With a size only files are found. Links are not followed. `truncated` says that there may be more. For a name alone search_files is enough.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    directory: pathArgument("The folder to search in"),
    name_pattern: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Glob such as *.log; with a slash it fits paths below the folder (src/**/*.ts)"),
    file_type: z.enum(["file", "directory", "symlink"]).optional().describe("Only things of this type"),
    min_size: sizeArgument("Bytes at least"),
    max_size: sizeArgument("Bytes at most"),
    modified_within: z
      .string()
      .regex(/^[1-9][0-9]{0,4}[mhdw]$/, 'must be a number and a unit, such as "30m", "24h", "7d" or "2w"')
      .optional()
      .meta({
        description: "Changed in the last minutes, hours, days or weeks: 30m, 24h, 7d, 2w",
        examples: ["7d"],
      }),
    max_depth: z.int().min(1).max(64).optional().describe("1 looks into the folder only, 2 also one below"),
    max_results: z.int().min(1).max(500).default(100).describe("Results at most"),
  }),
  execute: ({ directory, modified_within, ...asked }, context) =>
    fileResult(directory, () =>
      findFiles(context, directory, {
        namePattern: asked.name_pattern,
        fileType: asked.file_type,
        minSize: asked.min_size,
        maxSize: asked.max_size,
        modifiedWithinMs: modified_within === undefined ? undefined : milliseconds(modified_within),
        maxDepth: asked.max_depth,
        maxResults: asked.max_results,
      }),
    ),
});

const milliseconds = (span: string) =>
  Number.parseInt(span, 10) * UNITS[span.slice(-1) as keyof typeof UNITS];
