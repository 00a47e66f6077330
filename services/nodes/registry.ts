// The node registry. Embedded it holds one node: this machine, whose tools `HOST_TOOLS` gives to its owner or to everybody.
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { NodeId } from "../../contracts/ids.ts";
import { newId } from "../../lib/ids.ts";

export type NodesTables = {
  nodes: { id: string; name: string; labels: string; is_host: number; created_at: string };
  /** Processes of a cluster with a machine's tools, as far as others were told of them. */
  node_processes: { process: string; node_id: string; joined_at: string };
};
export type NodeRow = { id: NodeId; name: string; labels: Record<string, string> };

export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-24-nodes": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("nodes")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("labels", "text", (column) => column.notNull())
        .addColumn("is_host", "integer", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .execute();
    },
  },
  "2026-11-29-one-host": {
    async up(db: Kysely<NodesTables>) {
      // Processes that started at once could each make one; runs name the first.
      const first = db
        .selectFrom("nodes")
        .select("id")
        .where("is_host", "=", 1)
        .orderBy("created_at")
        .orderBy("id")
        .limit(1);
      await db.deleteFrom("nodes").where("is_host", "=", 1).where("id", "!=", first).execute();
      await db.schema
        .createIndex("nodes_one_host")
        .unique()
        .on("nodes")
        .column("is_host")
        .where(sql.ref("is_host"), "=", 1)
        .execute();
    },
  },
  "2026-11-29-node-processes": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("node_processes")
        .addColumn("process", "text", (column) => column.primaryKey())
        .addColumn("node_id", "text", (column) => column.notNull())
        .addColumn("joined_at", "text", (column) => column.notNull())
        .execute();
    },
  },
};

/** The machine's row. */
async function readHost(db: Kysely<NodesTables>): Promise<NodeRow | undefined> {
  const known = await db.selectFrom("nodes").selectAll().where("is_host", "=", 1).executeTakeFirst();
  return known && rowOf(known);
}

/** This machine's row, made at the first start, so that its id stays. Several processes may at once: the first one's stays. */
export async function ensureHost(db: Kysely<NodesTables>, name: string): Promise<NodeRow> {
  const known = await readHost(db);
  if (known) return known;
  const row = {
    id: newId<NodeId>("node"),
    name,
    labels: "{}",
    is_host: 1,
    created_at: new Date().toISOString(),
  };
  await db
    .insertInto("nodes")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return ensureHost(db, name);
}

export async function updateNode(
  db: Kysely<NodesTables>,
  id: NodeId,
  change: { name?: string | undefined; labels?: Record<string, string> | undefined },
): Promise<void> {
  const set = {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.labels === undefined ? {} : { labels: JSON.stringify(change.labels) }),
  };
  if (Object.keys(set).length > 0) await db.updateTable("nodes").set(set).where("id", "=", id).execute();
}

function rowOf(row: NodesTables["nodes"]): NodeRow {
  return { id: row.id as NodeId, name: row.name, labels: JSON.parse(row.labels) as Record<string, string> };
}
