// edit_file: replaces an exact piece of a text file.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { contentArgument, encodingArgument, pathArgument } from "./workspace/arguments.ts";
import { editText } from "./workspace/edit-text.ts";

export default defineTool({
  name: "edit_file",
  description:
    "Replaces a piece of a text file, which keeps its encoding and line ends. old_text must be in the file exactly as given, spaces included, and only once unless replace_all is set. Write line breaks as \\n, whatever the file has.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["path"],
  parameters: z.strictObject({
    path: pathArgument("The file"),
    old_text: contentArgument("What to replace, exactly as it is in the file").min(1),
    new_text: contentArgument("What to put in its place; empty to remove it"),
    replace_all: z.boolean().default(false).describe("Replace every place, not exactly one"),
    encoding: encodingArgument("Only where the file's encoding cannot be told"),
  }),
  execute: ({ path, ...edit }, context) => fileResult(path, () => editText(context, path, edit)),
});
