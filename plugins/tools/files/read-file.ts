// read_file: a part of a text file, cut between characters.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { encodingArgument, pathArgument } from "./workspace/arguments.ts";
import { openFile } from "./workspace/open-file.ts";
import { readTextPart } from "./workspace/text.ts";

export default defineTool({
  name: "read_file",
  description:
    "Reads a text file, or a part of it. When `truncated` is true, call it again with offset = next_offset. Names its encoding, and says when it is binary.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The file"),
    offset: z
      .int()
      .min(0)
      .default(0)
      .describe("Byte to start at; moved to the next character when it is inside of one"),
    encoding: encodingArgument("Only where the file's encoding is told wrongly"),
    max_bytes: z.int().min(1).max(50_000).default(20_000).describe("Bytes to read at most"),
  }),
  execute: ({ path, offset, max_bytes, encoding }, context) =>
    fileResult(path, async () => {
      await using file = await openFile(context, path);
      return { path: file.path, ...(await readTextPart(file, offset, max_bytes, encoding)) };
    }),
});
