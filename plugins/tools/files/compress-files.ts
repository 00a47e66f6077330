// compress_files: puts files and folders into a new archive.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { compressPaths } from "./archives/compress-paths.ts";
import { pathArgument } from "./workspace/arguments.ts";

export default defineTool({
  name: "compress_files",
  description:
    "Puts files and folders, with all that is in them, into a new zip or tar.gz archive, whole or not at all; what is there is never replaced. Each is in the archive under its own name. Links in folders stay links. At most 50,000 entries and 4 GB; hard links, special files and what may not be read are left out, and `left_out` says which.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["output"],
  timeoutMs: 900_000,
  parameters: z.strictObject({
    paths: z.array(pathArgument("A file or folder")).min(1).max(100).describe("What goes into the archive"),
    output: pathArgument("The new archive, its name ending in .zip, .tar.gz or .tgz"),
  }),
  execute: ({ paths, output }, context) => fileResult(output, () => compressPaths(context, paths, output)),
});
