// Where a command or a script of a person starts; used by the tools that run one in the sandbox.
import type { ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { problemOf } from "../../../../lib/files/file-problem.ts";
import { makeFolder } from "../../files/workspace/make-folder.ts";
import { openFolder } from "../../files/workspace/open-place.ts";

/** The real path of the folder, or why nothing may run there. Where none is given it is made at the first use. */
export async function folderToRunIn(
  given: string | undefined,
  context: ToolContext,
): Promise<string | ToolResult> {
  const path = given ?? context.workFolder;
  try {
    if (given === undefined) await makeFolder(context, path, true);
    const { directory } = await openFolder(context, path);
    await using held = directory;
    return held.path;
  } catch (thrown) {
    const problem = problemOf(thrown, path);
    if (!problem) throw thrown;
    return { ok: false, error: { code: problem.code, message: problem.message } };
  }
}
