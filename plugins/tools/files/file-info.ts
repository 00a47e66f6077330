// file_info: what a file or folder is, without its content.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { describeFile } from "./workspace/describe-file.ts";

export default defineTool({
  name: "file_info",
  description:
    "Tells of a file or folder: type, size, mode, owner, times, and names of extended attributes (null where the system has no command for them). A link is described itself, with its target.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({ path: pathArgument("The file or folder") }),
  execute: ({ path }, context) => fileResult(path, () => describeFile(context, path)),
});
