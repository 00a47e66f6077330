// What every room of the agent works with: stores, ports, models, settings, and the runs this process owns now.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { RunId, SessionId } from "../../contracts/ids.ts";
import { callAs, SYSTEM } from "../../lib/broker/call.ts";
import type { Crash } from "../../lib/crash-points.ts";
import { type AppError, isType } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Documents } from "../../lib/ports/documents.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";
import type { SummaryDocument } from "./context/summarise.ts";
import type { ClosedRuns } from "./journal/close-run.ts";
import type { ModelAsker } from "./model/ask-model.ts";
import type { CallDocument, RunDocument } from "./run-document.ts";

export type AgentSettings = {
  /** Milliseconds of running time a run may take. */
  deadlineMs: number;
  /** Milliseconds an approval waits. */
  approvalMs: number;
  maxSteps: number;
};

export type ActiveRun = {
  epoch: number;
  /** Aborted with "cancelled" or "deadline" as its reason. */
  stop: AbortController;
  /** Settles when the run has ended or waits. */
  finished: Promise<void>;
};

export type Rooms = {
  broker: ServiceBroker;
  /** This process among the owners of runs. */
  owner: string;
  ports: Ports;
  runs: Documents<RunDocument>;
  calls: Documents<CallDocument>;
  summaries: Documents<SummaryDocument>;
  models: ModelRegistry;
  asker: ModelAsker;
  settings: AgentSettings;
  log: Log;
  crash: Crash;
  active: Map<RunId, ActiveRun>;
  /** Deadlines, in monotonic milliseconds, of the runs that this process works or had to let go of: they go on. */
  deadlines: Map<RunId, number>;
  /** Runs between their draft and their launch: not to be taken up by the sweep. */
  accepting: Set<RunId>;
  /** Sessions with runs in line, as far as this process has put them there: when one is free, it looks. */
  lines: Set<SessionId>;
  closed: ClosedRuns;
  /** Set when the process drains: nothing new is begun. */
  draining: boolean;
};

/** Calls another service as the agent, for the run's user. */
export function askService<Name extends ActionName>(
  rooms: Rooms,
  caller: Caller,
  name: Name,
  params: ParamsOf<Name>,
  options: { timeout?: number } = {},
): Promise<ResultOf<Name>> {
  return callAs(rooms.broker, "agent", caller, name, params, options);
}

/**
 * The run's user as a caller, when the request that brought it is long over: with the rights of the key that asked for it, if one
 * did, and never with more.
 * @returns besides, why the run may not go on: its user is gone or disabled. It must end all the same, as that user's.
 */
export async function callerOf(
  rooms: Rooms,
  { user_id, key_id }: Pick<RunDocument, "user_id" | "key_id">,
): Promise<{ caller: Caller; refused?: AppError }> {
  try {
    return { caller: await callAs(rooms.broker, "agent", SYSTEM, "users.callerOf", { user_id, key_id }) };
  } catch (thrown) {
    if (!isType(thrown, "user_not_found", "account_disabled")) throw thrown;
    return { caller: withoutRights(user_id), refused: thrown as AppError };
  }
}

/** A caller for ending what is a user's own, whose account need not be there any more: not the user, for the audit trail. */
export const withoutRights = (user_id: Caller["user_id"]): Caller => ({
  user_id,
  role: "free_user",
  plan: "",
  scopes: "all",
  service: "agent",
});

/** Signals that wake the process's own rooms: a session may have a next run, a run has let go to wait for an answer. */
export const SESSION_FREE = "agent.session-free";
export const RUN_PARKED = "agent.run-parked";
