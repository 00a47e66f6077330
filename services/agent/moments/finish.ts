// The moment "finish": how the run ended is decided, the hold is settled, its messages are stored and the session is free; then
// `done` ends the events. Every operation is idempotent; whatever a crash leaves out, the next owner repeats. The last write of a run
// comes behind that (`ClosedRuns`).
import type { Caller } from "../../../contracts/access.ts";
import type { MessageId, RunId } from "../../../contracts/ids.ts";
import { AppError, isType, toError } from "../../../lib/errors.ts";
import { messageIdOf } from "../../../lib/ids.ts";
import type { Log } from "../../../lib/log.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { Documents } from "../../../lib/ports/documents.ts";
import type { AgentContext, Closings } from "../context.ts";
import {
  addUsage,
  CANCELLED,
  type CallDocument,
  type Ending,
  type RunDocument,
  type StoredStep,
} from "../run-document.ts";
import { messagesOf } from "../runs/view.ts";
import { layReport } from "../tasks/report-task.ts";
import { auditEnded } from "./audit-entries.ts";
import { tellEnded } from "./told-events.ts";
import { tryAsOwner } from "./write-as-owner.ts";

type Finishing = {
  agent: AgentContext;
  caller: Caller;
  run: RunDocument;
  /** All calls of the run, each with its result. */
  calls: CallDocument[];
  /** How it shall end; not there when that was decided by a former owner. */
  ending?: Ending;
  /** A step that is not in the journal yet and belongs to this moment. */
  lastStep?: StoredStep | undefined;
};

export const FINISH: Moment<Finishing> = {
  key: "finish",
  operations: [
    { name: "decided", do: decide },
    { name: "settled", do: settle },
    { name: "left", do: leave },
    { name: "audited", do: audit },
  ],
};

/** @returns the run as it ended: a cancel that came first wins. @throws stale_epoch when another process owns the run now */
export async function finish(finishing: Finishing): Promise<RunDocument> {
  return (await perform(finishing.agent, FINISH, finishing)).run;
}

/** How the run ends is decided once, by its owner. The run stays `open` until its `done` event is durable. */
async function decide(finishing: Finishing): Promise<Partial<Finishing> | undefined> {
  const { agent, run, ending, lastStep } = finishing;
  if (run.finish_reason !== null || !ending) return undefined;
  // What ended before this run goes with this commit.
  void agent.closed.write();
  const decided =
    (await writeEnding(finishing, ending)) ??
    (await decidedBefore(agent, run)) ??
    (await writeEnding(finishing, CANCELLED));
  if (!decided) throw new AppError("stale_epoch");
  if (lastStep) await agent.crash("model.answered");
  return { run: decided };
}

function writeEnding({ agent, run, lastStep }: Finishing, ending: Ending): Promise<RunDocument | null> {
  return tryAsOwner(
    agent,
    run,
    {
      $set: {
        status: ending.status,
        finish_reason: ending.finish_reason,
        answer_id: answerOf(run, lastStep),
        ended_at: new Date().toISOString(),
        ...(ending.error ? { error: ending.error } : {}),
        ...(lastStep ? { usage: addUsage(run.usage, lastStep.usage) } : {}),
      },
      ...(lastStep ? { $push: { steps: lastStep } } : {}),
    },
    ending.status === "cancelled" ? {} : { cancel_requested: false },
  );
}

/** By this owner, whose answer was lost on its way. */
async function decidedBefore(
  { runs }: AgentContext,
  { _id, epoch }: RunDocument,
): Promise<RunDocument | null> {
  const now = await runs.get(_id);
  return now?.epoch === epoch && now.finish_reason !== null ? now : null;
}

async function settle({ agent, caller, run }: Finishing): Promise<undefined> {
  await settleRun(agent, caller, run);
}

async function leave({ agent, caller, run, calls }: Finishing): Promise<undefined> {
  try {
    const messages = messagesOf(run, calls);
    await agent.ask(caller, "sessions.leave", { id: run.session_id, run_id: run._id, messages });
  } catch (thrown) {
    // The session was deleted meanwhile: the run ends all the same, and is charged.
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

async function audit({ agent, run, calls }: Finishing): Promise<undefined> {
  const reported = run.delegated ? [layReport(agent, run)] : [];
  await Promise.all([auditEnded(agent, run), tellEnded(agent, run, calls), ...reported]);
}

/** The id of the last assistant message that the run will have, or null. */
function answerOf(run: RunDocument, lastStep?: StoredStep): MessageId | null {
  const steps = lastStep ? [...run.steps, lastStep] : run.steps;
  const answer = steps.findLast((step) => step.status === "complete" || step.content !== "");
  return answer ? messageIdOf(run._id, answer.number) : null;
}

export async function settleRun({ ask }: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  await ask(caller, "quota.settle", {
    user_id: run.user_id,
    run_id: run._id,
    session_id: run.session_id,
    epoch: run.epoch,
    model: run.model,
    ...run.usage,
    day: run.day,
  });
}

/** How long the last writes wait for a moment that takes them along. */
const PATIENCE_MS = 500;

/**
 * The last write of a run: `done` is durable, so nobody has to look at it again. Not urgent, therefore not a commit of its own: it goes
 * with the next run's end in this process, or alone after a short while.
 */
export class ClosedRuns implements Closings {
  readonly #runs: Documents<RunDocument>;
  readonly #log: Log;
  #waiting = new Map<RunId, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Documents<RunDocument>, log: Log) {
    this.#runs = runs;
    this.#log = log;
  }

  /** Notes a run whose `done` is durable. A crash before it is written costs one look at the next start. */
  add(run: RunId, epoch: number): void {
    this.#waiting.set(run, epoch);
    this.#timer ??= setTimeout(() => void this.write(), PATIENCE_MS).unref();
  }

  /** Whether the run's `done` is told and only this last write is missing. */
  has(run: RunId): boolean {
    return this.#waiting.has(run);
  }

  /** Writes what waits; called at the start of a moment, so that it shares its commit. */
  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const closing = this.#waiting;
    this.#waiting = new Map();
    try {
      await Promise.all(
        [...closing].map(([run, epoch]) =>
          this.#runs.compareAndSet(run, { epoch }, { $set: { open: null, owner: null } }),
        ),
      );
    } catch (thrown) {
      this.#log.warn({ err: toError(thrown) }, "ended runs stay open until the next start");
    }
  }
}
