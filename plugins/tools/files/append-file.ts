// append_file: adds text to the end of a file.
import { z } from "zod";
import { appendText } from "../../../lib/files/append-text.ts";
import { contentArgument, pathArgument } from "../../../lib/files/arguments.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

export default defineTool({
  name: "append_file",
  description: "Adds text to the end of a file, exactly as given: no line break is put in between.",
  category: "files",
  risk: "write",
  runsOn: "node",
  parameters: z.strictObject({
    path: pathArgument("The file"),
    content: contentArgument("What to add"),
    create_if_missing: z.boolean().default(false).describe("Make the file when it does not exist"),
  }),
  execute: ({ path, content, create_if_missing }, context) =>
    fileResult(path, () => appendText(context, path, content, create_if_missing)),
});
