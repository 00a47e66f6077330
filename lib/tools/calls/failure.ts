// What a call that failed answers: always a code and a sentence, never a stack.
import type { CallOutcome, ToolResult } from "../../../contracts/tools.ts";
import { headOf } from "../../cut-text.ts";
import { toError, typeOf } from "../../errors.ts";

const CODE = /^[A-Za-z][A-Za-z0-9_]{1,63}$/;
const MESSAGE_LIMIT = 2_000;

/** The result of a tool that threw. */
export function failureOf(thrown: unknown): ToolResult {
  const error = toError(thrown);
  const own = (error as { code?: unknown }).code;
  const code = typeOf(thrown) ?? (typeof own === "string" && CODE.test(own) ? own : "tool_error");
  // Some libraries put a stack into the message.
  const message = headOf(error.message.split(/\n\s+at /, 1)[0] ?? "", MESSAGE_LIMIT) || "The tool failed.";
  return { ok: false, error: { code, message } };
}

export function failed(code: string, message: string, duration_ms = 0): CallOutcome {
  return { status: "failed", result: { ok: false, error: { code, message } }, duration_ms };
}

/** The code of a result that leaves open whether anything was done: so ends the call (G3). */
export const OUTCOME_UNKNOWN = "outcome_unknown";

export const UNKNOWN: CallOutcome = {
  status: "outcome_unknown",
  result: {
    ok: false,
    error: {
      code: OUTCOME_UNKNOWN,
      message:
        "The machine stopped while this ran; nobody knows how far it got. Look before you do it again.",
    },
  },
  duration_ms: 0,
};
