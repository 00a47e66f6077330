// What the agent still wants of a call that it has sent: its end, and what became of it.
import type { Kysely } from "kysely";
import type { z } from "zod";
import type { NodeId } from "../../contracts/ids.ts";
import type { cancelCallParams, FencedCall, fenceCallParams } from "../../contracts/tools.ts";
import { AppError } from "../../lib/errors.ts";
import type { Machine } from "./machines/machine.ts";
import type { Machines } from "./machines/machines.ts";
import { type QueueTables, takeOut } from "./queue/queued-calls.ts";

/** Also of one that still waits for its machine. */
export async function cancelCall(
  { sql, machines }: { sql: Kysely<QueueTables>; machines: Machines },
  { call_id, node_id }: z.output<typeof cancelCallParams>,
): Promise<void> {
  await takeOut(sql, call_id);
  // What is away is told when it is back: the agent goes on saying it, and a call ends at its deadline besides.
  await (await machineOf(machines, node_id))?.cancel(call_id);
}

/** No owner of its run before `epoch` can have it run any more. @throws node_offline */
export async function fenceCall(
  { machines }: { machines: Machines },
  { call_id, node_id, epoch }: z.output<typeof fenceCallParams>,
): Promise<FencedCall> {
  const machine = await machineOf(machines, node_id);
  if (!machine) throw new AppError("node_offline", "The machine of the call is not connected.");
  return machine.fence(call_id, epoch);
}

/** A call of the server has no machine. @returns undefined while it is away */
async function machineOf(machines: Machines, id: NodeId | null): Promise<Machine | undefined> {
  return id === null ? machines.server() : machines.of(id);
}
