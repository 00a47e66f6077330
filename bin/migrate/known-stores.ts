// Everything that is kept in stores: whatever is found in a data folder and is not named here was written by another version, and is not
// left behind without a word.
import { AUDIT_MIGRATIONS } from "../../lib/cluster/postgres/audit-migrations.ts";
import { WORK_MIGRATIONS } from "../../lib/cluster/postgres/work-migrations.ts";
import type { StoredRows } from "../../lib/embedded/export/stored-rows.ts";
import type { CollectionSpec } from "../../lib/ports/documents.ts";
import type { Migrations } from "../../lib/ports/ports.ts";
import { CONTEXTS } from "../../services/agent/given-context.ts";
import { CALLS, RUNS, SUMMARIES } from "../../services/agent/run-document.ts";
import { MIGRATIONS as MCP } from "../../services/mcp/tables.ts";
import { MIGRATIONS as NODES } from "../../services/nodes/tables.ts";
import { MIGRATIONS as QUOTA } from "../../services/quota/tables.ts";
import { FILES } from "../../services/sessions/files/file-document.ts";
import { PAGES, SESSIONS } from "../../services/sessions/rooms.ts";
import { PROMISES } from "../../services/sessions/store/promise-room.ts";
import { MIGRATIONS as TOOLS } from "../../services/tools/tables.ts";
import { MIGRATIONS as USERS } from "../../services/users/store/migrations.ts";
import type { Texts } from "../terminal/texts.ts";

export const COLLECTIONS: readonly CollectionSpec[] = [
  ...[SESSIONS, PAGES, PROMISES, FILES, RUNS, CALLS],
  ...[SUMMARIES, CONTEXTS],
];

/** In both modes. */
const OF_SERVICES: Record<string, Migrations> = {
  ...{ users: USERS, quota: QUOTA, tools: TOOLS, nodes: NODES, mcp: MCP },
};
/** Of a cluster, by the names that its processes give them. */
export const MIGRATIONS: Record<string, Migrations> = {
  ...OF_SERVICES,
  ...{ work: WORK_MIGRATIONS, audit: AUDIT_MIGRATIONS },
};

/** @throws Error in words when another version than this one has written the data folder last */
export function requireThisVersion(rows: StoredRows, home: string, { migrate }: Texts): void {
  const known = new Set(COLLECTIONS.map(({ name }) => name));
  if (rows.collections().some((name) => !known.has(name))) throw new Error(migrate.newer(home));
  for (const [service, migrations] of Object.entries(OF_SERVICES)) {
    const done = new Set(rows.migrations(service));
    const wanted = Object.keys(migrations);
    if ([...done].some((name) => !wanted.includes(name))) throw new Error(migrate.newer(home));
    if (wanted.some((name) => !done.has(name))) throw new Error(migrate.older(home));
  }
}
