// The variables with which other commands reach a cluster that was started by `npm run cluster`, as a shell reads them.
import { join } from "node:path";
import { quotedForShell } from "../terminal/quoted-for-shell.ts";
import type { KeptProcess } from "./keep-running.ts";

/** With the secret of the cluster in it. */
export function environmentFile(processes: KeptProcess[], data: string): string {
  const gateway = processes.find(({ url }) => url !== "");
  const { NATS_URL, POSTGRES_URL, MONGO_URL, REDIS_URL, S3_URL, JWT_SECRET } = processes[0]?.member.env ?? {};
  const variables = {
    ...{ NATS_URL, POSTGRES_URL, MONGO_URL, REDIS_URL, JWT_SECRET },
    ...(S3_URL ? { S3_URL } : {}),
    MACJARVIS_URL: gateway?.url,
    // Has the owner's key.
    MACJARVIS_HOME: join(data, "core"),
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quotedForShell(value ?? "")}`)
    .join("\n");
}
