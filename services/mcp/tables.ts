// The tables of the MCP servers: those that admins have added, and which definition of each tool is accepted.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export type McpTables = {
  mcp_servers: {
    name: string;
    /** JSON as it was given: it may hold secrets, and is told to the machines that host it alone. */
    given: string;
    added_at: string;
    added_by: string;
  };
  mcp_pins: {
    /** A machine's own name, of servers of its `mcp.json`; EVERYWHERE of those that admins have added. */
    place: string;
    server: string;
    tool: string;
    sha256: string;
    /** JSON. */
    definition: string;
    accepted_at: string;
    /** Null where nobody has looked: the first list of a server of `mcp.json`. */
    accepted_by: string | null;
  };
};

export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-mcp-servers": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("mcp_servers")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("given", "text", (column) => column.notNull())
        .addColumn("added_at", "text", (column) => column.notNull())
        .addColumn("added_by", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("mcp_pins")
        .addColumn("place", "text", (column) => column.notNull())
        .addColumn("server", "text", (column) => column.notNull())
        .addColumn("tool", "text", (column) => column.notNull())
        .addColumn("sha256", "text", (column) => column.notNull())
        .addColumn("definition", "text", (column) => column.notNull())
        .addColumn("accepted_at", "text", (column) => column.notNull())
        .addColumn("accepted_by", "text")
        .addPrimaryKeyConstraint("mcp_pins_key", ["place", "server", "tool"])
        .execute();
    },
  },
};
