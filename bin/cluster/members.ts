// Which processes of ours a cluster on this machine has, and what each of them is told.
import { join } from "node:path";
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { ClusterArguments } from "./arguments.ts";

export type Member = { name: string; services: readonly ServiceName[]; env: Record<string, string> };

/** The addresses of the servers, and the secret that all processes share. */
export type Shared = Record<
  "NATS_URL" | "POSTGRES_URL" | "MONGO_URL" | "REDIS_URL" | "JWT_SECRET",
  string
> & {
  /** As the user has set it: none is started here. */
  S3_URL?: string;
};

const CORE = ["users", "quota", "sessions", "tools", "nodes"] as const;

type Given = Pick<ClusterArguments, "gateways" | "agents" | "data"> & {
  shared: Shared;
  /** As the user has set it: of the first gateway, the others follow; 0 for free ones. */
  port: number;
  /** Of the first process, where there is to be one; the others follow. */
  metricsPort: number | undefined;
};

/** In the order in which they are shown; stopped from the last to the first. */
export function membersOf({ gateways, agents, data, shared, port, metricsPort }: Given): Member[] {
  const member = (name: string, services: readonly ServiceName[], home: string, more = {}): Member => ({
    ...{ name, services },
    env: {
      ...{ ...shared, SERVICES: services.join(","), MACJARVIS_HOME: home, LOG_FORMAT: "json" },
      ...more,
    },
  });
  const members = [
    member("core", CORE, join(data, "core")),
    // Tools may not look into the data folder of their node: all the others lie in it.
    member("node", ["node"], data),
    ...numbered(agents, (number) => member(`agent-${number}`, ["agent"], join(data, `agent-${number}`))),
    ...numbered(gateways, (number) =>
      member(`gateway-${number}`, ["api"], join(data, `gateway-${number}`), {
        PORT: String(port === 0 ? 0 : port + number - 1),
      }),
    ),
  ];
  if (!metricsPort) return members;
  return members.map((one, index) => ({
    ...one,
    env: { ...one.env, METRICS_PORT: String(metricsPort + index) },
  }));
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
