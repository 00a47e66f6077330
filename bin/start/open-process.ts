// What a process works with, in either of its two modes: ports, and for a cluster its place among others.
import { randomUUID } from "node:crypto";
import type { BrokerOptions } from "moleculer";
import { prepareDataFolder } from "../../lib/embedded/data-folder.ts";
import { lockDataFolder } from "../../lib/embedded/folder-lock.ts";
import { type OpenAudit, openAudit } from "../../lib/embedded/open-audit.ts";
import { openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { Environment } from "../../lib/env.ts";
import type { Log } from "../../lib/log.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";
import type { Ports, ProcessPorts } from "../../lib/ports/ports.ts";
import { ownVersion } from "../terminal/own-version.ts";

const WORDS_OF = {
  sync: "the disk refused to make something durable: what waited for it was refused and undone, and nothing is written until it does again",
  damage:
    "what is stored is damaged: stop the server and restore the data folder from a backup; npm run doctor shows more",
} as const;

export type OpenedProcess = {
  ports: ProcessPorts;
  /** The end of the audit trail that this process writes. */
  auditHead(): Promise<AuditHead>;
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
  services: readonly ServiceName[];
  /** The ports that those take. */
  needs: () => ReadonlySet<keyof Ports>;
  /** Told when the process cannot be called any more by others: it should end. */
  onDeaf: (problem: Error) => void;
};

/** @throws Error in words for whoever starts the process */
export function openProcess(options: Options): OpenedProcess | Promise<OpenedProcess> {
  return options.env.cluster ? openClusterProcess(options, options.env.cluster) : openAlone(options);
}

function openAlone({ env: { MACJARVIS_HOME: home }, log }: Options): OpenedProcess {
  const ports = openEmbeddedPorts({
    home,
    onFault: ({ kind, reason }) => log.error({ kind, reason, home }, WORDS_OF[kind]),
  });
  const openTrail = () => openAudit(home);
  return { ports, auditHead: ports.auditHead, openTrail, flush: ports.flush, close: ports.close };
}

/** Its code is loaded here, and in no other mode. */
async function openClusterProcess(
  { env, log, services, needs, onDeaf }: Options,
  urls: NonNullable<Environment["cluster"]>,
): Promise<OpenedProcess> {
  const { openClusterPorts } = await import("../../lib/cluster/open-cluster-ports.ts");
  const { clusterBrokerOptions } = await import("../../lib/cluster/bus/cluster-broker.ts");
  const nodeID = `${services.length > 2 ? "core" : services.join("-")}-${randomUUID()}`;
  const version = ownVersion();
  // Keys, and the journal of this machine's calls, which two processes would spoil.
  prepareDataFolder(env.MACJARVIS_HOME);
  const lock = lockDataFolder(env.MACJARVIS_HOME);
  try {
    const ports = await openClusterPorts({
      ...{ urls, log, needs: needs(), name: nodeID, writer: nodeID, release: version },
      // The first one signs; here the last one does.
      secrets: (env.JWT_SECRET ?? []).toReversed(),
    });
    return {
      ...{ ports, nodeID, auditHead: ports.auditHead, openTrail: ports.openTrail },
      // What a store has answered is durable.
      flush: async () => undefined,
      bus: clusterBrokerOptions({ nats: ports.nats, nodeID, version, log, onDeaf }),
      async close() {
        await ports.close();
        lock.release();
      },
    };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}
