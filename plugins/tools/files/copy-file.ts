// copy_file: copies a file, or a folder with all that is in it.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { copyPath } from "./workspace/copy-path.ts";

export default defineTool({
  name: "copy_file",
  description:
    "Copies a file, or a folder with all that is in it, whole or not at all. Modes and times are kept, on macOS extended attributes of files too; links in a folder stay links. `to` is the new file or folder itself, and the folder it is in must exist. Of a folder, hard links, special files and what may not be read are left out, and `left_out` says which.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["to"],
  timeoutMs: 900_000,
  parameters: z.strictObject({
    from: pathArgument("The file or folder to copy"),
    to: pathArgument("Its new path, name included"),
    overwrite: z
      .boolean()
      .default(false)
      .describe("Replace a file that is there; a folder is never replaced or filled"),
  }),
  execute: ({ from, to, overwrite }, context) =>
    fileResult(from, () => copyPath(context, from, to, overwrite)),
});
