// write_file: makes a file, or replaces one whole.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { contentArgument, encodingArgument, pathArgument } from "./workspace/arguments.ts";
import { writeText } from "./workspace/write-text.ts";

export default defineTool({
  name: "write_file",
  description:
    "Writes a text file: the whole content, or nothing when it fails. The folder must exist (make_directory makes it). A replaced file keeps its mode, encoding and line ends.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["path"],
  parameters: z.strictObject({
    path: pathArgument("The file"),
    content: contentArgument("The whole content"),
    overwrite: z
      .boolean()
      .default(false)
      .describe("Replace a file that is there; else that is the error `exists`"),
    encoding: encodingArgument("That of the file that is replaced unless given; of a new file utf-8"),
  }),
  execute: ({ path, ...text }, context) => fileResult(path, () => writeText(context, path, text)),
});
