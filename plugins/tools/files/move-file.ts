// move_file: moves or renames a file or folder.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { movePath } from "./workspace/move-path.ts";

export default defineTool({
  name: "move_file",
  description:
    "Moves or renames a file, or a folder with all that is in it, also to another volume. `to` is the new path itself, and the folder it is in must exist. Of a link, the link itself is moved. `left_behind` says that something in the old place was written meanwhile, or cannot be removed, and stayed.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["from", "to"],
  timeoutMs: 900_000,
  parameters: z.strictObject({
    from: pathArgument("The file or folder to move"),
    to: pathArgument("Its new path, name included"),
    overwrite: z
      .boolean()
      .default(false)
      .describe("Replace a file that is there, for good; a folder is never replaced or filled"),
  }),
  execute: ({ from, to, overwrite }, context) =>
    fileResult(from, () => movePath(context, from, to, overwrite)),
});
