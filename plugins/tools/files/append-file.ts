// append_file: adds text to the end of a file.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { appendText } from "./workspace/append-text.ts";
import { contentArgument, encodingArgument, pathArgument } from "./workspace/arguments.ts";

export default defineTool({
  name: "append_file",
  description:
    "Adds text to the end of a file, in its own encoding and with its own line ends; no line break is put in between (`joins_last_line` says that the file did not end with one).",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["path"],
  parameters: z.strictObject({
    path: pathArgument("The file"),
    content: contentArgument("What to add"),
    create_if_missing: z.boolean().default(false).describe("Make the file when it does not exist"),
    encoding: encodingArgument("Only where the file's encoding cannot be told, or for a new file"),
  }),
  execute: ({ path, content, create_if_missing, encoding }, context) =>
    fileResult(path, () => appendText(context, path, { text: content, create: create_if_missing, encoding })),
});
