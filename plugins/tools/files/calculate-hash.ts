// calculate_hash: the checksum of a file.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { ALGORITHMS, hashFile } from "./workspace/hash-file.ts";

export default defineTool({
  name: "calculate_hash",
  description:
    "Calculates the checksum of a file of any size, in hexadecimal: to compare it with a published one or with another file. md5 and sha1 are for old checksums only, they prove nothing.",
  category: "files",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 600_000,
  parameters: z.strictObject({
    path: pathArgument("The file"),
    algorithm: z.enum(ALGORITHMS).default("sha256"),
  }),
  execute: ({ path, algorithm }, context) => fileResult(path, () => hashFile(context, path, algorithm)),
});
