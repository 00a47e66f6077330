// A PostgreSQL that follows another one by its log, begun from a copy of it.
import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";
import { startPostgres } from "../../../bin/cluster/servers/postgres.ts";

const run = promisify(execFile);

export function startReplica(main: LocalServer): Promise<LocalServer> {
  return startPostgres({}, {}, async (programs, data, owner) => {
    if (existsSync(data)) return;
    const how = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"];
    // Beside the real server: links to a few programs only may be what was found.
    const beside = dirname(realpathSync(join(programs, "postgres")));
    await run(join(beside, "pg_basebackup"), ["-d", main.url, "-D", data, ...how], owner ?? {});
  });
}
