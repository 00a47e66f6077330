// list_directory: what is in a folder, with type, size and time; hidden folders are left out.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { listFolder } from "./workspace/list-folder.ts";

export default defineTool({
  name: "list_directory",
  description:
    "Lists a folder: name, type, size in bytes and time of change of each entry, sorted by name. Links are not followed.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The folder"),
    recursive: z.boolean().default(false).describe("Also list what is in the folders below"),
    limit: z.int().min(1).max(2_000).default(200).describe("Entries at most"),
  }),
  execute: ({ path, recursive, limit }, context) =>
    fileResult(path, () => listFolder(context, path, { recursive, limit })),
});
