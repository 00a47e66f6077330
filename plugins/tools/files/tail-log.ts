// tail_log: the last lines of a text file.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { tailText } from "./workspace/tail-text.ts";

export default defineTool({
  name: "tail_log",
  description:
    "Shows the last lines of a log or another text file of any size, the newest last. With a filter: the last lines that have this text, looked for in the last 256 MB. `truncated` says that there is more before them.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    path: pathArgument("The file"),
    lines: z.int().min(1).max(1_000).default(100).describe("Lines at most"),
    filter: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Only lines that have this text in them, capital or small, e.g. error"),
  }),
  execute: ({ path, lines, filter }, context) =>
    fileResult(path, () => tailText(context, path, { lines, filter })),
});
