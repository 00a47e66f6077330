// extract_archive: takes out of an archive what is in it.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { extractTo } from "./archives/extract-archive-to.ts";
import { pathArgument } from "./workspace/arguments.ts";

export default defineTool({
  name: "extract_archive",
  description:
    "Extracts a zip, tar.gz or tar archive into a folder, which is made unless it is there; all of it or nothing, and nothing that is there is replaced. An archive that would write outside of the folder, or has a name twice, is refused. Left out, and told in `left_out`: links that lead out, hard links, special and encrypted files, and what would run by itself there (.git, .envrc …). At most 50,000 entries, 10 GB, and 200 times the size of the archive.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["output"],
  timeoutMs: 900_000,
  parameters: z.strictObject({
    archive: pathArgument("The archive"),
    output: pathArgument("The folder to extract to; the one it is in must exist"),
  }),
  execute: ({ archive, output }, context) => fileResult(archive, () => extractTo(context, archive, output)),
});
