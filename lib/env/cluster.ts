// The variables that make a process part of a cluster: all of them or none, and what a cluster needs besides. Used by lib/env.ts, the
// one reader of the environment.
import type { ClusterUrls } from "../cluster/cluster-urls.ts";

/** The services of a process; `node` is this machine with its tools. */
export const SERVICES = ["api", "users", "quota", "sessions", "agent", "tools", "nodes", "node"] as const;
export type ServiceName = (typeof SERVICES)[number];
/** What an embedded SERVICES must name; `node` goes without saying there. */
const TOGETHER = SERVICES.filter((name) => name !== "node");

const SERVERS = ["NATS_URL", "POSTGRES_URL", "MONGO_URL", "REDIS_URL"] as const;
const IN_A_CLUSTER_ONLY = ["NATS_CREDS", "POSTGRES_REPLICA_URL", "S3_URL"] as const;
const NOT_APART = `without NATS_URL the services of a process cannot be started apart. Unset it, or name all: ${TOGETHER.join(",")}`;

type Given = Record<string, string>;

/** What does not fit together, a sentence each. */
export function clusterFaults(given: Given, services: readonly string[] | undefined): string[] {
  const set = SERVERS.filter((name) => given[name] !== undefined);
  const faults: string[] = [];
  if (set.length === 0) {
    for (const name of IN_A_CLUSTER_ONLY)
      if (given[name] !== undefined) faults.push(`${name}: is used with NATS_URL only. Unset it.`);
    if (services && !TOGETHER.every((name) => services.includes(name))) faults.push(`SERVICES: ${NOT_APART}`);
    return faults;
  }
  for (const name of SERVERS)
    if (!set.includes(name))
      faults.push(
        `${name}: must be set as well: a cluster needs ${SERVERS.join(", ")}. Set it, or unset ${set.join(", ")} for one process on its own files.`,
      );
  if (given.JWT_SECRET === undefined)
    faults.push(
      "JWT_SECRET: must be set in a cluster, the same for all its processes: at least 32 characters, e.g. from `openssl rand -base64 48`.",
    );
  return faults;
}

/** The servers of the cluster that this process belongs to; undefined for one on its own. Only after `clusterFaults` found none. */
export function clusterOf(given: Given): ClusterUrls | undefined {
  const {
    NATS_URL: nats,
    NATS_CREDS,
    POSTGRES_URL: postgres,
    POSTGRES_REPLICA_URL,
    MONGO_URL: mongo,
    REDIS_URL: redis,
    S3_URL,
  } = given;
  if (!nats || !postgres || !mongo || !redis) return undefined;
  return {
    ...{ nats, postgres, mongo, redis },
    ...(NATS_CREDS ? { natsCredentials: NATS_CREDS } : {}),
    ...(POSTGRES_REPLICA_URL ? { postgresReplica: POSTGRES_REPLICA_URL } : {}),
    ...(S3_URL ? { s3: S3_URL } : {}),
  };
}
