// The tables of the node registry: a row for each machine, hosts and Macs.
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { LRUCache } from "lru-cache";
import type { NodeId } from "../../contracts/ids.ts";
import type { NodeDescription } from "../../contracts/tools.ts";

export type NodesTables = {
  nodes: {
    id: string;
    name: string;
    labels: string;
    /** 1: a machine of the core, whose tools `HOST_TOOLS` gives. */
    is_host: number;
    created_at: string;
    /** Of a host: the kept name of its data folder; null where it was written before there were several. */
    machine: string | null;
    /** What it said of itself last, as JSON. */
    description: string | null;
    last_seen_at: string | null;
    /** Of a Mac: whose it is, and the public nkey that it was paired with. */
    owner_id: string | null;
    public_key: string | null;
    /** The process of the Mac that hubs deal with; only this one may run calls until `online_until` is over. */
    instance: string | null;
    /** Epoch milliseconds until which it counts as connected. */
    online_until: number;
    /** The journal that this process writes, and its number there (lib/edge/journal-claim.ts); null where it does not say. */
    journal: string | null;
    journal_start: number | null;
    /** Epoch milliseconds: since when all that processes of the Mac have run stands in that journal. */
    journal_since: number | null;
    revoked_at: string | null;
    /** When it was cut off for a while, epoch milliseconds (0: never), and why. */
    cut_off_at: number;
    problem: string | null;
    /** Of a Mac: how busy its process was and how full its battery, as JSON of `MacVitals`; null until that one says so. */
    vitals: string | null;
  };
  node_pairings: PairingRow;
  /** What of a Mac is shared, in the order in which it was given. */
  node_shares: ShareRow;
  /** Who has said that a shared Mac is welcome: before that it is offered, and nothing of it is used. */
  node_acceptances: { node_id: string; user_id: string; accepted_at: string };
  /** What was frozen from the server, thawed ones too: a machine, or all of them (`*`). */
  node_freezes: { node_id: string; frozen_at: string | null; changed_at: number };
  /** Of a Mac: the newest end of its own record of calls, and what is wrong with that (seq 0: nothing is known of it but that). */
  node_heads: { node_id: string; seq: number; hash: string; fault: string | null; fault_at: string | null };
  /** Processes of a cluster with a machine's tools, as far as others were told of them. */
  node_processes: { process: string; node_id: string; joined_at: string };
};

/** What the verbs of the registry run on. */
export type Database = Kysely<NodesTables>;

export type PairingRow = {
  id: string;
  user_id: string;
  /** SHA-256 of the code, hex. */
  code_hash: string;
  /** Of the Mac that may come of it. */
  node_id: string;
  /** As the user wants the Mac to be called. */
  name: string | null;
  created_at: string;
  /** Epoch milliseconds: after it the code is worth nothing. */
  expires_at: number;
  /** Of the first Mac that redeemed the code, which is bound by it, and what that Mac says of itself. */
  public_key: string | null;
  mac_name: string | null;
  platform: string | null;
  version: string | null;
  /** Epoch milliseconds, 0 until then. */
  confirmed_at: number;
};

export type ShareRow = {
  node_id: string;
  place: number;
  /** The account that was found; null where there is none: then it holds for nobody. */
  user_id: string | null;
  /** JSON of `Share`, as it was given. */
  share: string;
};

/** A machine as the registry knows it. */
export type NodeRow = {
  id: NodeId;
  name: string;
  labels: Record<string, string>;
  description: NodeDescription | undefined;
  last_seen_at: string;
};

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
  "2026-11-30-several-machines": {
    async up(db: Kysely<unknown>) {
      await db.schema.dropIndex("nodes_one_host").execute();
      for (const column of ["machine", "description", "last_seen_at"])
        await db.schema.alterTable("nodes").addColumn(column, "text").execute();
      await db.schema.createIndex("nodes_machine").unique().on("nodes").column("machine").execute();
    },
  },
  "2026-11-30-macs": {
    async up(db: Kysely<unknown>) {
      for (const column of ["owner_id", "public_key", "instance", "revoked_at"])
        await db.schema.alterTable("nodes").addColumn(column, "text").execute();
      await db.schema
        .alterTable("nodes")
        .addColumn("online_until", "bigint", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema.createIndex("nodes_owner").on("nodes").column("owner_id").execute();
    },
  },
  "2026-11-30-pairing": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("node_pairings")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("code_hash", "text", (column) => column.notNull().unique())
        .addColumn("node_id", "text", (column) => column.notNull())
        .addColumn("name", "text")
        .addColumn("created_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("public_key", "text")
        .addColumn("mac_name", "text")
        .addColumn("platform", "text")
        .addColumn("version", "text")
        .addColumn("confirmed_at", "bigint", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema.createIndex("node_pairings_user").on("node_pairings").column("user_id").execute();
      await db.schema
        .createTable("node_shares")
        .addColumn("node_id", "text", (column) => column.notNull())
        .addColumn("place", "integer", (column) => column.notNull())
        .addColumn("user_id", "text")
        .addColumn("share", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("node_shares_place", ["node_id", "place"])
        .execute();
      await db.schema.createIndex("node_shares_user").on("node_shares").column("user_id").execute();
      await db.schema
        .alterTable("nodes")
        .addColumn("cut_off_at", "bigint", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema.alterTable("nodes").addColumn("problem", "text").execute();
      // A key is one Mac's; those of hosts are null.
      await db.schema.createIndex("nodes_key").unique().on("nodes").column("public_key").execute();
    },
  },
  "2026-12-01-chain": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("node_heads")
        .addColumn("node_id", "text", (column) => column.primaryKey())
        .addColumn("seq", "bigint", (column) => column.notNull())
        .addColumn("hash", "text", (column) => column.notNull())
        .addColumn("fault", "text")
        .addColumn("fault_at", "text")
        .execute();
    },
  },
  "2026-12-01-journals": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("nodes").addColumn("journal", "text").execute();
      for (const column of ["journal_start", "journal_since"])
        await db.schema.alterTable("nodes").addColumn(column, "bigint").execute();
    },
  },
  "2026-12-01-freezes": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("node_freezes")
        .addColumn("node_id", "text", (column) => column.primaryKey())
        .addColumn("frozen_at", "text")
        .addColumn("changed_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
  "2026-12-01-acceptances": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("node_acceptances")
        .addColumn("node_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("accepted_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("node_acceptances_key", ["user_id", "node_id"])
        .execute();
    },
  },
  "2026-12-01-vitals": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("nodes").addColumn("vitals", "text").execute();
    },
  },
};

export function rowOf(row: NodesTables["nodes"]): NodeRow {
  return {
    id: row.id as NodeId,
    name: row.name,
    labels: JSON.parse(row.labels) as NodeRow["labels"],
    description: row.description === null ? undefined : descriptionOf(row.id, row.description),
    last_seen_at: row.last_seen_at ?? row.created_at,
  };
}

/** About a hundred machines. */
const DESCRIBED_CHARACTERS = 8_388_608;
/** By machine: what was read of it last. Long, read several times in each turn, and the same for weeks. Nobody changes what it is given. */
const descriptions = new LRUCache<string, { text: string; description: NodeDescription }>({
  maxSize: DESCRIBED_CHARACTERS,
  sizeCalculation: ({ text }) => text.length,
});

function descriptionOf(id: string, text: string): NodeDescription {
  const known = descriptions.get(id);
  if (known?.text === text) return known.description;
  const description = JSON.parse(text) as NodeDescription;
  descriptions.set(id, { text, description });
  return description;
}
