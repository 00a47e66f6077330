// run_python_script: runs a Python script that is a file, in the sandbox of the node.
import { basename, dirname } from "node:path";
import { z } from "zod";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { runPython, TIMEOUT_S } from "./python/run-python.ts";
import { AROUND_MS } from "./sandboxed/result-of.ts";

/** The system takes 131,072 as one argument and much more of all together (execve(2)). */
const MOST_BYTES = 100_000;

export default defineTool({
  name: "run_python_script",
  description: `Runs a Python 3 script that is a file (write_file makes one), in a sandbox. It starts in the first allowed folder, or where that is the home folder in ~/MacJarvis, unless working_directory says otherwise. It may write in the allowed folders only: of the home folder in its sub-folders, not directly in it and in none that starts with a dot; /tmp is its own and gone afterwards. It has no network and no input, and is ended after ${TIMEOUT_S} seconds with all it started. Packages that are not installed are missing. Gives exit code and output.`,
  category: "developer",
  risk: "execute",
  runsOn: "node",
  // Its folder is where names are looked for, so that the script is found whatever it is relative to; what else a call names
  // is found where it is absolute.
  runs: ({ path, args, working_directory }) => ({
    folder: dirname(path),
    files: [basename(path)],
    command: [working_directory ?? "", ...args].join("\n"),
  }),
  timeoutMs: TIMEOUT_S * 1_000 + AROUND_MS,
  parameters: z.strictObject({
    path: pathArgument("The script"),
    args: z
      .array(z.string().max(20_000))
      .max(100)
      .default([])
      .refine(
        (args) => Buffer.byteLength(args.join("\0")) <= MOST_BYTES,
        `must have no more than ${MOST_BYTES} bytes`,
      )
      .describe("Its arguments (sys.argv[1:]), as they are: no shell reads them"),
    working_directory: pathArgument("Folder to run it in, if not the one it starts in").optional(),
  }),
  execute: (args, context) => runPython(args, context),
});
