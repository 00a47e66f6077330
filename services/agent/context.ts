// What the rooms of the agent work with, as types: stores, ports, other services, models, settings, and the runs this process
// owns now. Every room imports this file, and it imports none of them; `agent.service.ts` fills it once.
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { RunId, SessionId, UserId } from "../../contracts/ids.ts";
import type { Crash } from "../../lib/crash-points.ts";
import type { Tell } from "../../lib/domain-events.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { AuditTrail } from "../../lib/ports/audit.ts";
import type { Documents } from "../../lib/ports/documents.ts";
import type { RunEvents } from "../../lib/ports/events.ts";
import type { Moments } from "../../lib/ports/moments.ts";
import type { Objects } from "../../lib/ports/objects.ts";
import type { Signals } from "../../lib/ports/signals.ts";
import type { Work } from "../../lib/ports/work.ts";
import type { Tracing } from "../../lib/tracing/tracing.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "./asked.ts";
import type { GivenContext } from "./given-context.ts";
import type { CallDocument, RunDocument, SummaryDocument } from "./run-document.ts";

/** They may change while the process runs: read one when it is needed, and keep what must hold for longer. */
export type AgentSettings = {
  /** Milliseconds of running time a run may take. */
  readonly deadlineMs: number;
  /** Milliseconds an approval waits. */
  readonly approvalMs: number;
  readonly maxSteps: number;
};

/** When a run has to end, as this process found it when it took the run up. */
export type Deadline = {
  /** Monotonic milliseconds. */
  at: number;
  /** Of how much running time it is the end, in milliseconds. */
  ofMs: number;
};

/**
 * Calls another service as the agent, for the run's user; `asThemselves`: as that user alone, where what they may see is in
 * question.
 */
export type Ask = <Name extends ActionName>(
  caller: Caller,
  name: Name,
  params: ParamsOf<Name>,
  options?: { timeout?: number; asThemselves?: boolean },
) => Promise<ResultOf<Name>>;

export type AgentContext = {
  runs: Documents<RunDocument>;
  calls: Documents<CallDocument>;
  summaries: Documents<SummaryDocument>;
  /** What runs were given that came through another door than our own. */
  contexts: Documents<GivenContext>;
  moments: Moments;
  /** What models see of the files that came with messages. */
  objects: Pick<Objects, "read">;
  events: RunEvents;
  audit: AuditTrail;
  signals: Signals;
  tell: Tell;
  work: Pick<Work, "add">;
  ask: Ask;
  models: ModelRegistry;
  asker: ModelAsker;
  settings: AgentSettings;
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  crash: Crash;
  owned: OwnedRuns;
  owners: Owners;
  closed: Closings;
};

/** Ended runs whose `done` is durable and whose document does not say so yet (moments/finish.ts). */
export type Closings = {
  add(run: RunId, epoch: number): void;
  has(run: RunId): boolean;
  /** Writes what waits, in the moment it is called in. */
  write(): Promise<void>;
};

/** Who may work: this process, and the others of which some have died (ownership/). */
export type Owners = {
  /** No other process can be at work on anything of this store. */
  readonly isAlone: boolean;
  /** Whether this process may work runs: one that cannot tell the others that it lives may not. */
  isHeld(): boolean;
  /** Whether the process has died, as far as this one can know: its runs are anybody's. */
  isGone(owner: string): boolean;
  /** @param onLost told when this process may not work any more */
  start(onLost: () => void): Promise<void>;
  stop(): Promise<void>;
};

export type ActiveRun = {
  epoch: number;
  /** Aborted with a `StopReason`, or with `LEASE_LOST` (loop/turn.ts). */
  stop: AbortController;
  /** Settles when the run has ended, waits, or is somebody else's. */
  finished: Promise<void>;
};

/** A run between its draft and its launch. */
export type Beginning = {
  user_id: UserId;
  isCancelled: boolean;
  /** Its user may have other rights by now, or none. */
  areRightsOld: boolean;
};

/** The runs of this process, in its memory: what is true of them stands in their documents. */
export type OwnedRuns = {
  /** This process among the owners of runs. */
  owner: string;
  /** Runs that are worked now. */
  active: Map<RunId, ActiveRun>;
  /** Deadlines of the runs that this process works or had to let go of: they go on. */
  deadlines: Map<RunId, Deadline>;
  /** Runs between their draft and their launch: not to be taken up by the sweep, and cancelled by a word to whoever launches them. */
  accepting: Map<RunId, Beginning>;
  /** Sessions with runs in line, as far as this process has put them there: when one is free, it looks. */
  lines: Set<SessionId>;
  /** Runs that this process was told to let go of: for a while they are for others. */
  handedOver: Set<RunId>;
  /** Set when the process drains: nothing new is begun. */
  draining: boolean;
};

/**
 * Signals that wake the rooms of every process: a session may have a next run, a run has let go to wait, one is to be cancelled, or let
 * go of by its owner.
 */
export const SESSION_FREE = "agent.session-free";
export const RUN_PARKED = "agent.run-parked";
export const CANCEL_ASKED = "agent.cancel-asked";
export const HAND_OVER_ASKED = "agent.hand-over-asked";
