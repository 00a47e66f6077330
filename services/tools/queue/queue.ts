// Calls that wait for a machine that is away (G24): until it is there and it is their turn, their time is over, or somebody takes them
// out of the line.
import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { CallId, NodeId, UserId } from "../../../contracts/ids.ts";
import type { ShownQueuedCall, Waited, waitCallParams } from "../../../contracts/tools.ts";
import { shownArgs } from "../../../lib/audit/shown-args.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import type { Crash } from "../../../lib/crash-points.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import type { Edge } from "../hub/edge.ts";
import { usableNodes } from "../machines/machines.ts";
import {
  enqueue,
  inLine,
  isFirst,
  type QueuedCall,
  type QueueTables,
  takeOut,
  touch,
} from "./queued-calls.ts";

/** How often is looked whether the machine is there and the call still in the line. */
const LOOK_MS = 1_000;
const TURN_MS = 25;
const TOUCH_MS = 3_000;

type Rooms = {
  broker: ServiceBroker;
  sql: Kysely<QueueTables>;
  signals: Signals;
  edge: Edge | undefined;
  crash: Crash;
};
type Waiting = z.output<typeof waitCallParams>;

export class Queue {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** @throws node_not_found, node_queue_full */
  async wait(caller: Caller, call: Waiting, signal = new AbortController().signal): Promise<Waited> {
    const { sql, crash } = this.#rooms;
    const queued = queuedOf(caller.user_id, call);
    const expiresAt = await enqueue(sql, queued);
    await crash("queue.entered");
    await this.#tell(caller, call, expiresAt);
    for (let touchedAt = performance.now(); Date.now() < expiresAt; ) {
      if (performance.now() - touchedAt > TOUCH_MS) {
        await touch(sql, call.call_id);
        touchedAt = performance.now();
      }
      // What is frozen is refused, also what has waited for it: whoever sends it now is told so.
      if (await this.#isFrozen(call.node_id)) return this.#take(call.call_id);
      const isThere = await this.#comes(call.node_id, Math.min(LOOK_MS, expiresAt - Date.now()), signal);
      if (signal.aborted) break;
      const isFirstNow = await isFirst(sql, queued);
      if (isFirstNow === undefined) break;
      if (isThere && isFirstNow) return this.#take(call.call_id);
      if (isThere) await sleep(TURN_MS);
    }
    const isExpired = Date.now() >= expiresAt && !signal.aborted;
    await takeOut(sql, call.call_id);
    return { state: isExpired ? "expired" : "cancelled" };
  }

  /** Whoever takes it out sends it. */
  async #take(callId: CallId): Promise<Waited> {
    const { sql, crash } = this.#rooms;
    if (!(await takeOut(sql, callId))) return { state: "cancelled" };
    await crash("queue.taken");
    return { state: "there" };
  }

  /** What waits for the machine: the caller's, and all of it where the machine is the caller's. @throws node_not_found */
  async list(caller: Caller, node: NodeId): Promise<ShownQueuedCall[]> {
    return (await this.#mine(caller, node)).map((row) => ({
      ...{ call_id: row.call_id, name: row.name, priority: row.priority },
      ...(JSON.parse(row.shown_args) as ReturnType<typeof shownArgs>),
      queued_at: new Date(Number(row.queued_at)).toISOString(),
      expires_at: new Date(Number(row.expires_at)).toISOString(),
    }));
  }

  /** @throws node_not_found, call_not_found */
  async remove(caller: Caller, node: NodeId, call: CallId): Promise<void> {
    const isMine = (await this.#mine(caller, node)).some(({ call_id }) => call_id === call);
    if (!isMine || !(await takeOut(this.#rooms.sql, call)))
      throw new AppError("call_not_found", `No call "${call}" waits for this machine.`);
  }

  async #mine(caller: Caller, node: NodeId) {
    const { broker, sql } = this.#rooms;
    const [usable] = await usableNodes(broker, caller, { node_id: node });
    const rows = await inLine(sql, node);
    return usable?.is_own ? rows : rows.filter(({ user_id }) => user_id === caller.user_id);
  }

  async #isFrozen(node: NodeId): Promise<boolean> {
    const { broker } = this.#rooms;
    const { freezes } = await callAs(broker, "tools", SYSTEM, "nodes.freezes", { node_ids: [node] });
    return freezes.some(({ frozen }) => frozen);
  }

  async #comes(node: NodeId, limitMs: number, signal: AbortSignal): Promise<boolean> {
    const { broker, edge } = this.#rooms;
    const way = await callAs(broker, "tools", SYSTEM, "nodes.way", { node_id: node });
    if (way?.kind === "process" || (way && edge?.hub?.instanceOf(node))) return true;
    if (edge?.hub) await edge.hub.comes(node, limitMs, signal);
    else await sleep(limitMs, undefined, { signal }).catch(() => undefined);
    return false;
  }

  async #tell(caller: Caller, { node_id, call_id }: Waiting, expiresAt: number): Promise<void> {
    const { broker, signals } = this.#rooms;
    const [node] = await usableNodes(broker, caller, { node_id });
    const until = new Date(expiresAt).toISOString();
    const text = `[MacJarvis] "${node?.name ?? node_id}" is not connected: the call waits for it until ${until}.\n`;
    signals.publish(`output.${call_id}`, { stream: "stderr", text });
  }
}

function queuedOf(
  user_id: UserId,
  { call_id, node_id, name, args, priority, limit_ms }: Waiting,
): QueuedCall {
  const shown_args = JSON.stringify(shownArgs(args));
  return {
    call_id,
    node_id,
    user_id,
    name,
    shown_args,
    priority,
    expires_at: Date.now() + Math.floor(limit_ms),
  };
}
