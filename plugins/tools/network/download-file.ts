// download_file: saves what a public URL gives to a new file.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { hostsOfUrl } from "../../../lib/net/hosts-of-url.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { saveUrl } from "./download/save-url.ts";

const MEGABYTE = 1_048_576;

export default defineTool({
  name: "download_file",
  description:
    "Downloads a public http(s) URL into a new file: the whole file, or nothing when it fails or is larger than max_bytes. A file that is there already is not replaced, and the folder must exist. Gives size, type and SHA-256. Addresses of this machine and of private networks are refused, and so are redirects to other hosts than the given one. On macOS the file is marked as downloaded, so that Gatekeeper checks it.",
  category: "network",
  risk: "write",
  runsOn: "node",
  egress: ({ url }) => hostsOfUrl(url),
  changes: ["output_path"],
  timeoutMs: 1_800_000,
  parameters: z.strictObject({
    url: z
      .string()
      .min(1)
      .max(2_000)
      .describe("Full address, starting with http:// or https://, without user name and password"),
    output_path: pathArgument("The new file"),
    max_bytes: z
      .int()
      .min(1)
      .max(10_240 * MEGABYTE)
      .default(100 * MEGABYTE)
      .describe("Bytes at most: what is larger is not kept"),
  }),
  execute: (args, context) => fileResult(args.output_path, () => saveUrl(args, context)),
});
