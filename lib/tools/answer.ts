// How the system tools answer: data, or a failure in words. A tool's failure is a value, never a throw.
import type { ToolContext, ToolResult } from "../../contracts/tools.ts";
import { toError } from "../errors.ts";

/** Runs the work of a call; `cancelled` when it ended because the call did, `failed` for everything else it throws. */
export async function answer(
  { signal }: Pick<ToolContext, "signal">,
  work: () => Promise<unknown>,
): Promise<ToolResult> {
  try {
    return { ok: true, data: await work() };
  } catch (error: unknown) {
    if (signal.aborted)
      return { ok: false, error: { code: "cancelled", message: "The call ended before the tool did." } };
    return { ok: false, error: { code: "failed", message: toError(error).message } };
  }
}
