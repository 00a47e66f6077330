// Runs a script in the sandbox, by the real path of the file that was opened and checked. Called by run_python_script.
import type { ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { problemOf } from "../../../../lib/files/file-problem.ts";
import { openFile } from "../../files/workspace/open-file.ts";
import { folderToRunIn } from "../sandboxed/folder-to-run-in.ts";
import { resultOf } from "../sandboxed/result-of.ts";
import { findPython } from "./find-python.ts";

/** As long as a command may be given. */
export const TIMEOUT_S = 300;

/** What is shown as it is printed; and no folder of compiled modules is left beside the script. */
const ENVIRONMENT = { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" };

export type PythonCall = { path: string; args: string[]; working_directory?: string | undefined };

/** @throws ToolFailure `python_missing`, `sandbox_unavailable` */
export async function runPython(
  { path, args, working_directory }: PythonCall,
  context: ToolContext,
): Promise<ToolResult> {
  const script = await realScript(path, context);
  if (typeof script !== "string") return script;
  const cwd = await folderToRunIn(working_directory, context);
  if (typeof cwd !== "string") return cwd;
  const python = await findPython(context);
  const result = await context.run([python, script, ...args], {
    cwd,
    env: ENVIRONMENT,
    sandbox: true,
    live: true,
    timeoutMs: TIMEOUT_S * 1_000,
  });
  return resultOf(result, { timeout_s: TIMEOUT_S, cwd, isDefault: working_directory === undefined, context });
}

async function realScript(path: string, context: ToolContext): Promise<string | ToolResult> {
  try {
    await using file = await openFile(context, path);
    return file.path;
  } catch (thrown) {
    const problem = problemOf(thrown, path);
    if (!problem) throw thrown;
    return { ok: false, error: { code: problem.code, message: problem.message } };
  }
}
