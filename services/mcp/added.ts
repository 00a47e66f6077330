// The servers that admins have added: kept where all processes see them.
import type { Kysely } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { AddedMcpServer } from "../../contracts/mcp.ts";
import type { AuditTrail } from "../../lib/ports/audit.ts";
import type { McpTables } from "./tables.ts";

export type Rooms = { broker: ServiceBroker; sql: Kysely<McpTables>; ports: { audit: AuditTrail } };

/** By their names, in order. */
export async function added(db: Kysely<McpTables>): Promise<AddedMcpServer[]> {
  const rows = await db.selectFrom("mcp_servers").select("given").orderBy("name").execute();
  return rows.map(({ given }) => JSON.parse(given) as AddedMcpServer);
}
