// search_files: files and folders below a folder whose names fit a glob.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { searchByName } from "./workspace/search-by-name.ts";

export default defineTool({
  name: "search_files",
  description:
    "Finds files and folders by name below a folder. `truncated` says that there may be more. To search in their text use grep_recursive.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The folder to search in"),
    pattern: z
      .string()
      .min(1)
      .max(500)
      .describe(
        "Glob: *, **, ?, [abc], {one,two}. Without a slash it fits names at any depth (*.pdf); with one, paths below the folder (src/**/*.ts)",
      ),
    max_results: z.int().min(1).max(500).default(100).describe("Results at most"),
  }),
  execute: ({ path, pattern, max_results }, context) =>
    fileResult(path, () => searchByName(context, path, pattern, max_results)),
});
