// write_file: makes a file, or replaces one whole.
import { z } from "zod";
import { contentArgument, pathArgument } from "../../../lib/files/arguments.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { writeAtomically } from "../../../lib/files/write-atomically.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

export default defineTool({
  name: "write_file",
  description:
    "Writes a text file: the whole content, or nothing when it fails. The folder must exist (make_directory makes it). A replaced file keeps its mode.",
  category: "files",
  risk: "write",
  runsOn: "node",
  parameters: z.strictObject({
    path: pathArgument("The file"),
    content: contentArgument("The whole content"),
    overwrite: z
      .boolean()
      .default(false)
      .describe("Replace a file that is there; else that is the error `exists`"),
  }),
  execute: ({ path, content, overwrite }, context) =>
    fileResult(path, () =>
      writeAtomically(context, path, { overwrite }, (handle) => handle.writeFile(content)),
    ),
});
