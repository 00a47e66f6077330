// How most tools answer: data, or a failure in words. A tool's failure is a value, never a throw.
import type { ToolContext, ToolResult } from "../../contracts/tools.ts";
import { toError } from "../errors.ts";
import type { ToolFailure } from "./tool-failure.ts";

/**
 * Runs the work of a call; `cancelled` when it ended because the call did, the code of a ToolFailure, `failed` for everything else it
 * throws.
 */
export async function answer(
  { signal }: Pick<ToolContext, "signal">,
  work: () => Promise<unknown>,
): Promise<ToolResult> {
  try {
    return { ok: true, data: await work() };
  } catch (error: unknown) {
    if (signal.aborted)
      return { ok: false, error: { code: "cancelled", message: "The call ended before the tool did." } };
    const { name, message } = toError(error);
    const code = name === "ToolFailure" ? (error as ToolFailure).code : "failed";
    return { ok: false, error: { code, message } };
  }
}
