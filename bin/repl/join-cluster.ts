// Joins a cluster as an administration node: on its bus, without a service, without a data folder.
import { randomUUID } from "node:crypto";
import { Identity } from "../../lib/broker/authorization.ts";
import { hasElsewhere } from "../../lib/broker/services-there.ts";
import { clusterBrokerOptions } from "../../lib/cluster/bus/cluster-broker.ts";
import { openClusterPorts } from "../../lib/cluster/open-cluster-ports.ts";
import type { Environment } from "../../lib/env.ts";
import { isType } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { deriveIdentityKey, fingerprintOf } from "../../lib/signing-secrets.ts";
import { createBroker } from "../../moleculer.config.ts";
import { ownVersion } from "../terminal/own-version.ts";
import { Patience } from "./patience.ts";
import type { Room } from "./room.ts";
import { roomOf } from "./room-of.ts";

/** Others tell of themselves at once; one that is busy may need a while. */
const SEEN_MS = 5_000;

export type Joined = { room: Room; leave(): Promise<void> };
type Cluster = NonNullable<Environment["cluster"]>;

/**
 * @param onDeaf told when this process is cut off from the others
 * @throws Error in words for whoever starts it; `unauthenticated` where the secret is another one than the cluster's
 */
export async function joinCluster(
  { JWT_SECRET: secrets = [], MACJARVIS_HOME: home }: Environment,
  urls: Cluster,
  { log, onDeaf }: { log: Log; onDeaf: (problem: Error) => void },
): Promise<Joined> {
  const nodeID = `repl-${randomUUID()}`;
  const ports = await openClusterPorts({
    ...{ urls, log, needs: new Set(["audit"] as const), services: [], name: nodeID, writer: nodeID, home },
    ...{ release: ownVersion(), secrets: secrets.toReversed() },
  });
  const cluster = await ports.clusterId?.();
  const belongs = { secrets: secrets.map(fingerprintOf), ...(cluster ? { cluster } : {}) };
  const bus = clusterBrokerOptions({
    ...{ nats: ports.nats, nodeID, version: ownVersion(), log, belongs, onDeaf },
    objects: ports.busObjects,
  });
  const identity = new Identity(secrets.map(deriveIdentityKey));
  const broker = createBroker({ ports, log, identity, nodeID, bus });
  const leave = async () => {
    await broker.stop();
    await ports.close();
  };
  try {
    await broker.start();
    const room = roomOf(broker, ports.openTrail);
    await meetOthers(room);
    return { room, leave };
  } catch (thrown) {
    await leave().catch(() => undefined);
    throw thrown;
  }
}

/** A cluster may have no process now, or one that is not well: that is no reason not to join. */
async function meetOthers({ broker, ask }: Room): Promise<void> {
  const patience = new Patience(SEEN_MS);
  try {
    while (!hasElsewhere(broker, "users")) await patience.wait("no process with the service users was seen");
    await ask("users.adminList", { limit: 1 });
  } catch (thrown) {
    if (isType(thrown, "unauthenticated")) throw thrown;
  }
}
