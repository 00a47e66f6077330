// What a process that has just opened its stores says of clocks that are far from its own.
import type { Log } from "../log.ts";
import { type ClockOf, clockFaults } from "./clocks.ts";
import { rollCall } from "./nats/roll-call.ts";
import type { ClusterPorts } from "./open-cluster-ports.ts";

/** The others have so long to answer; nobody waits for it. */
const FOR_MS = 2_000;

/** Warns of each server, and of each other process, whose clock is far away. Never throws. */
export async function tellOfClocks(ports: ClusterPorts, log: Log): Promise<void> {
  const [ofServers, present] = await Promise.all([ports.clocks(), rollCall(ports.nats, FOR_MS)]);
  const ofProcesses: ClockOf[] = present.map(({ id, aheadMs }) => ({ of: `the process ${id}`, aheadMs }));
  for (const fault of clockFaults([...ofServers, ...ofProcesses])) log.warn(fault);
}
