// Freezing and thawing from the server: the registry first, so that nothing is sent any more; then the machines hear of it, so that what
// runs there ends: those of the core from here, the Macs from the hubs (services/tools/hub/freezes.ts).
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import { NODES_FROZEN, type NodesFrozen } from "../../../contracts/signals.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { toError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { Hosts } from "../hosts.ts";
import { authorOf, type Rooms } from "../rooms.ts";
import { ALL, type Freezes } from "./freezes.ts";

/** A machine of the core that does not answer keeps nobody waiting. */
const TELL_MS = 1_000;

type Given = { rooms: Rooms; freezes: Freezes; hosts: Hosts };

/**
 * May be repeated. Answers when the machines of the core that are there know it, and the hubs are being told.
 * @param id all of them unless given
 */
export async function setFrozen(
  { rooms, freezes, hosts }: Given,
  caller: Caller,
  id: NodeId | undefined,
  isFrozen: boolean,
): Promise<void> {
  const { ports } = rooms;
  const node_id = id ?? ALL;
  await ports.moments.run(async () => {
    if (!(await freezes.set(node_id, isFrozen))) return;
    await ports.audit.append({
      ...{ subject: node_id, entry: `node.${isFrozen ? "frozen" : "thawed"} ${newId("event")}` },
      ...{ user_id: caller.user_id, details: authorOf(caller) },
    });
  });
  freezes.forget();
  ports.signals.publish(NODES_FROZEN, { node_id: id ?? null } satisfies NodesFrozen);
  await tellHosts(rooms, freezes, hosts, id);
}

async function tellHosts({ broker, log }: Rooms, freezes: Freezes, hosts: Hosts, id?: NodeId): Promise<void> {
  const there = (await hosts.all()).filter((host) => host.process && (id === undefined || host.id === id));
  const told = await freezes.told(there.map((host) => host.id));
  const tell = async ({ node_id, ...freeze }: (typeof told)[number]) => {
    const { process: nodeID = "" } = there.find((host) => host.id === node_id) ?? {};
    await callAs(broker, "nodes", SYSTEM, "node.freeze", freeze, { nodeID, timeout: TELL_MS }).catch(
      (thrown: unknown) =>
        log.warn({ err: toError(thrown), node_id }, "a machine could not be told of its freezing"),
    );
  };
  await Promise.all(told.map(tell));
}
