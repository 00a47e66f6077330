// What the loop carries through one stretch of work on a run: from its claim to its end or its next wait.
import type { Caller } from "../../../contracts/access.ts";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { PromptMessage } from "../../../contracts/models.ts";
import { AppError } from "../../../lib/errors.ts";
import { windowOf as usualWindowOf } from "../../../plugins/models/prices.ts";
import type { AgentContext } from "../context.ts";
import type { Announcer } from "../events/announcer.ts";
import type { GivenContext } from "../given-context.ts";
import type { Attached } from "../prompt/attachments.ts";
import type { Offered } from "../prompt/build-prompt.ts";
import type { History } from "../prompt/exchanges.ts";
import type { CallDocument, Ending, RunDocument, SummaryDocument } from "../run-document.ts";

/** `ended`: the run cannot go on, and how it ends is decided where that is known. */
export type StopReason = "cancelled" | "deadline" | "ended";
/** Why a run is stopped here and nowhere else: another process may have it already, so nothing is decided about it. */
export const LEASE_LOST = "lease_lost";

/** The tools and machines of a user, and what is remembered about them. */
export type Catalogue = ResultOf<"tools.offer">;

export type Turn = {
  readonly agent: AgentContext;
  readonly caller: Caller;
  readonly announcer: Announcer;
  /** Aborted with a `StopReason` or with `LEASE_LOST`. */
  readonly stopper: AbortController;
  readonly stop: AbortSignal;
  /** Monotonic milliseconds at which the run's deadline is. */
  readonly deadlineAt: number;
  /** The running time that it is the end of: the setting may be another one by now. */
  readonly deadlineMs: number;
  /** The run as its owner last wrote it. */
  run: RunDocument;
  /** All its calls as they are now, in the model's order. */
  calls: CallDocument[];
  /** How it ends, whatever else could be done: its user is gone, it is poisoned, something failed. */
  ending: Ending | undefined;
  /** What the run was given, where it was; read with its first step. */
  context: GivenContext | undefined;
  /** What was said in the session before: nothing is added to it while the run works. */
  history: History | undefined;
  /** What is seen of the files that came with messages; read with the history, where there are any. */
  attached: Attached | undefined;
  /** The tools and machines of the user, as they were when the first step of this stretch was asked. */
  offered: Offered | undefined;
  /** What was asked for ahead of them. */
  readonly catalogue: Promise<Catalogue | undefined> | undefined;
  /** Of a given context: the rules that came with it, and the question as it was put, pictures and all. */
  instructions: string;
  question: PromptMessage | undefined;
  /** Of the session; undefined as long as it made no difference. */
  summary: SummaryDocument | null | undefined;
  /** Tokens the model takes, question and answer together; less where a server has refused what its model should take. */
  window: number;
};

/** @throws stale_epoch when this process may not work any more: whatever was about to be written is somebody else's */
export function stopReason({ stop }: Turn): StopReason | undefined {
  if (!stop.aborted) return undefined;
  if (stop.reason === LEASE_LOST) throw new AppError("stale_epoch");
  return stop.reason as StopReason;
}

/** Tokens the run's model takes, as far as is known of it now. */
export function windowOf({ agent, run }: Pick<Turn, "agent" | "run">): number {
  return agent.models.resolve(run.model)?.info.context_window ?? usualWindowOf(run.model);
}

/** Running time of the run until now, in milliseconds. */
export function ranMs({ deadlineMs, deadlineAt }: Turn): number {
  return deadlineMs - (deadlineAt - performance.now());
}

/** The calls of one step, as they are now. */
export function callsOf({ calls }: Turn, step: number): CallDocument[] {
  return calls.filter((call) => call.step === step);
}

/** Puts calls as they are now in the place of what they were, or adds them. */
export function carry(turn: Turn, ...changed: CallDocument[]): void {
  const ids = new Set(changed.map(({ _id }) => _id));
  const others = turn.calls.filter(({ _id }) => !ids.has(_id));
  turn.calls = [...others, ...changed].toSorted((a, b) => a.step - b.step || a.index - b.index);
}
