// make_directory: makes a folder, and those above it when asked.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { makeFolder } from "./workspace/make-folder.ts";

export default defineTool({
  name: "make_directory",
  description: "Makes a folder.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["path"],
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The new folder"),
    parents: z
      .boolean()
      .default(false)
      .describe("Also make the folders above it that are missing; then a folder that is there is no error"),
  }),
  execute: ({ path, parents }, context) => fileResult(path, () => makeFolder(context, path, parents)),
});
