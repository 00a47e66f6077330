// What comes next in a run, by its journal alone: the same for a new run, for one whose process died, and for one whose approval
// was answered. Pure; `drive.ts` does it.
import { CATALOGUE, type ErrorType } from "../../../lib/errors.ts";
import {
  CANCELLED,
  type CallDocument,
  type Ending,
  hasEnded,
  type RunDocument,
  type StoredStep,
} from "../run-document.ts";
import type { StopReason } from "./turn.ts";

export type Seen = {
  run: Pick<RunDocument, "finish_reason" | "steps" | "options">;
  /** The documents of the last step's calls that are there. */
  calls: CallDocument[];
  stop: StopReason | undefined;
  /** How it ends, whatever else could be done. */
  ending: Ending | undefined;
};

export type Phase =
  /** The end was decided by a former owner: what may be missing of it is repeated. */
  | { type: "finish_again" }
  /** Calls of the last step can go on, or must be ended. */
  | { type: "work"; step: StoredStep }
  /** Only answers are missing. */
  | { type: "park" }
  | { type: "ask" }
  | { type: "finish"; ending: Ending };

export function nextPhase({ run, calls, stop, ending }: Seen): Phase {
  if (run.finish_reason !== null) return { type: "finish_again" };
  const step = run.steps.at(-1);
  if (step && isOpen(step, calls)) {
    const isStopped = stop !== undefined || ending !== undefined;
    return isStopped || calls.length < step.calls.length || calls.some(canGoOn)
      ? { type: "work", step }
      : { type: "park" };
  }
  if (ending) return { type: "finish", ending };
  if (stop) return { type: "finish", ending: endingFor(stop) };
  if (step?.status === "complete" && step.calls.length === 0) return completed("stop");
  if (run.steps.length >= run.options.max_steps) return completed("max_steps");
  return { type: "ask" };
}

/** A call of the step has no result yet. */
function isOpen(step: StoredStep, calls: CallDocument[]): boolean {
  return calls.length < step.calls.length || !calls.every(hasEnded);
}

/** Something can be done about the call without an answer from outside. */
export function canGoOn(call: CallDocument): boolean {
  return !hasEnded(call) && (call.status !== "waiting_approval" || call.approval?.decision != null);
}

function completed(finish_reason: "stop" | "max_steps"): Phase {
  return { type: "finish", ending: { status: "completed", finish_reason } };
}

export function endingFor(reason: StopReason): Ending {
  return reason === "deadline" ? { ...failure("run_deadline"), finish_reason: "deadline" } : CANCELLED;
}

/** @param message what the client is told; the catalogue's title unless given. Never a provider's or a store's own words. */
export function failure(code: ErrorType, message: string = CATALOGUE[code].title): Ending {
  return {
    status: "failed",
    finish_reason: "error",
    error: { code, message, retryable: CATALOGUE[code].retryable },
  };
}
