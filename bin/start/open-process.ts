// What a process works with, in either of its two modes: ports, and for a cluster its place among others.
import { randomUUID } from "node:crypto";
import type { BrokerOptions } from "moleculer";
import { prepareDataFolder } from "../../lib/embedded/data-folder.ts";
import { lockDataFolder } from "../../lib/embedded/folder-lock.ts";
import type { OpenAudit } from "../../lib/embedded/open-audit.ts";
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { Environment } from "../../lib/env.ts";
import { keptName } from "../../lib/kept-name.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";
import type { Ports, ProcessPorts } from "../../lib/ports/ports.ts";
import { fingerprintOf } from "../../lib/signing-secrets.ts";
import { ownVersion } from "../terminal/own-version.ts";

const WORDS_OF = {
  sync: "the disk refused to make something durable: what waited for it was refused and undone, and nothing is written until it does again",
  damage:
    "what is stored is damaged: stop the server and restore the data folder from a backup; npm run doctor shows more",
} as const;

export type OpenedProcess = {
  ports: ProcessPorts;
  /** The end of the audit trail that this process writes, where it writes one. */
  auditHead?: (() => Promise<AuditHead>) | undefined;
  /** The whole trail, for reading. @throws Error in words */
  openTrail(): OpenAudit;
  /** Commits what waits to be committed. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Of a process of a cluster. */
  nodeID?: string;
  bus?: BrokerOptions;
};

type Options = {
  env: Environment;
  log: Log;
  metrics: Pick<Metrics, "watch" | "add">;
  services: readonly ServiceName[];
  /** The ports that those take. */
  needs: () => ReadonlySet<keyof Ports>;
  /** Told when the process cannot be called any more by others: it should end. */
  onDeaf: (problem: Error) => void;
};

/** @throws Error in words for whoever starts the process */
export function openProcess(options: Options): Promise<OpenedProcess> {
  return options.env.cluster ? openClusterProcess(options, options.env.cluster) : openAlone(options);
}

async function openAlone({ env: { MACJARVIS_HOME: home }, log }: Options): Promise<OpenedProcess> {
  const { openAudit } = await import("../../lib/embedded/open-audit.ts");
  const { openEmbeddedPorts } = await import("../../lib/embedded/open-embedded-ports.ts");
  const ports = openEmbeddedPorts({
    home,
    onFault: ({ kind, reason }) => log.error({ kind, reason, home }, WORDS_OF[kind]),
  });
  const openTrail = () => openAudit(home);
  return { ports, auditHead: ports.auditHead, openTrail, flush: ports.flush, close: ports.close };
}

/** Its code is loaded here, and in no other mode. */
async function openClusterProcess(
  { env, log, metrics, services, needs, onDeaf }: Options,
  urls: NonNullable<Environment["cluster"]>,
): Promise<OpenedProcess> {
  const { openClusterPorts } = await import("../../lib/cluster/open-cluster-ports.ts");
  const { answerRollCall } = await import("../../lib/cluster/nats/roll-call.ts");
  const { tellOfClocks } = await import("../../lib/cluster/tell-of-clocks.ts");
  const { clusterBrokerOptions } = await import("../../lib/cluster/bus/cluster-broker.ts");
  const nodeID = `${services.length > 2 ? "core" : services.join("-")}-${randomUUID()}`;
  const version = ownVersion();
  // Keys, and the journal of this machine's calls, which two processes would spoil.
  prepareDataFolder(env.MACJARVIS_HOME);
  const lock = lockDataFolder(env.MACJARVIS_HOME);
  const secrets = env.JWT_SECRET ?? [];
  let opened: ProcessPorts | undefined;
  try {
    const ports = await openClusterPorts({
      ...{ urls, log, metrics, needs: needs(), services, name: nodeID, release: version },
      ...{ writer: keptName(env.MACJARVIS_HOME), home: env.MACJARVIS_HOME },
      // The first one signs; here the last one does.
      secrets: secrets.toReversed(),
    });
    opened = ports;
    const cluster = await ports.clusterId?.();
    const belongs = { secrets: secrets.map(fingerprintOf), ...(cluster ? { cluster } : {}) };
    answerRollCall(ports.nats, { id: nodeID, version, services });
    void tellOfClocks(ports, log);
    return {
      ...{ ports, nodeID, auditHead: ports.auditHead, openTrail: ports.openTrail },
      // What a store has answered is durable.
      flush: async () => undefined,
      bus: clusterBrokerOptions({
        ...{ nats: ports.nats, nodeID, version, log, belongs, onDeaf },
        objects: ports.busObjects,
      }),
      async close() {
        await ports.close();
        lock.release();
      },
    };
  } catch (thrown) {
    await opened?.close();
    lock.release();
    throw thrown;
  }
}
