// move_to_trash: puts a file or folder into the system's trash, where the user can take it back from.
import { homedir } from "node:os";
import { z } from "zod";
import { dataHome } from "../../../lib/env.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "./workspace/arguments.ts";
import { moveToTrash } from "./workspace/trash.ts";

export default defineTool({
  name: "move_to_trash",
  description:
    "Moves a file or folder into the system's trash. Nothing in the trash is replaced, and the user can take it back. Of a link, the link itself is moved.",
  category: "files",
  risk: "write",
  runsOn: "node",
  changes: ["path"],
  parameters: z.strictObject({ path: pathArgument("The file or folder") }),
  execute: ({ path }, context) =>
    fileResult(path, () =>
      moveToTrash(context, path, {
        home: homedir(),
        dataHome: dataHome(),
        platform: process.platform,
        uid: process.getuid?.() ?? 0,
      }),
    ),
});
