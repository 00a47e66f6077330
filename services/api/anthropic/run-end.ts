// How a run has ended, as the end of a message: why it stopped, or why there is no answer.
import type { Run } from "../../../contracts/agent.ts";
import type { ErrorType } from "../../../lib/errors.ts";
import { NOT_YET, type Stop } from "./message.ts";

/** Why an answer could not be given to its end. */
export type Failure = { code: ErrorType; message: string; reason?: string };

/** What is out is void. @param run where all of it stands */
export function beganAnew(run?: string): Failure {
  const where = run === undefined ? "" : ` It is whole in GET /api/v1/agent/runs/${run}.`;
  return {
    code: "model_interrupted",
    message: `The answer broke off and is given anew, and this protocol cannot take back what was sent.${where} Ask again.`,
  };
}

/** Why the run could not answer; undefined where there is an answer, a refused one too. */
export function failureOf({ status, error }: Run): Failure | undefined {
  if (status === "cancelled") return { code: "conflict", message: "The run was cancelled." };
  if (!error || error.code === "model_filtered") return undefined;
  const { code, message, reason } = error;
  return { code: code as ErrorType, message, ...(reason === undefined ? {} : { reason }) };
}

/** How a run that has an answer ended. */
export function stopOf({ finish_reason, error, steps }: Run): Stop {
  if (error)
    return {
      ...NOT_YET,
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: null, explanation: error.message },
    };
  switch (finish_reason) {
    case "tool_calls":
      return { ...NOT_YET, stop_reason: "tool_use" };
    case "length":
    case "budget":
    case "max_steps":
      return { ...NOT_YET, stop_reason: "max_tokens" };
    default: {
      const stop_sequence = steps.at(-1)?.stop_sequence ?? null;
      return {
        ...NOT_YET,
        stop_reason: stop_sequence === null ? "end_turn" : "stop_sequence",
        stop_sequence,
      };
    }
  }
}
