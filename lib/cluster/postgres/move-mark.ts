// Says in PostgreSQL that a data folder is being moved into this cluster, or was: no process of ours may begin on half of it, and the move
// knows its own work when it is begun again.
import { type Kysely, sql } from "kysely";
import type { Migrations } from "../../ports/ports.ts";
import type { Postgres } from "./open-postgres.ts";

/** `source`: what was in the folder when the move began, as a hash. Times are ISO texts. */
export type Move = { source: string; began_at: string; finished_at: string | null };

const MIGRATIONS: Migrations = {
  "2026-11-29-move": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("move_from_embedded")
        .addColumn("source", "text", (column) => column.primaryKey())
        .addColumn("began_at", "text", (column) => column.notNull())
        .addColumn("finished_at", "text")
        .execute();
    },
  },
};

type Tables = { move_from_embedded: Move };

/** Undefined where nothing was moved. @throws store_unavailable */
export async function readMove(postgres: Pick<Postgres, "sql">): Promise<Move | undefined> {
  const db = postgres.sql<Tables>();
  const table = sql<{ there: boolean }>`select to_regclass('move_from_embedded') is not null as there`;
  if (!(await table.execute(db)).rows[0]?.there) return undefined;
  return db.selectFrom("move_from_embedded").selectAll().executeTakeFirst();
}

/** Safe to repeat with the same source. */
export async function beginMove(postgres: Postgres, source: string): Promise<void> {
  await postgres.migrate("move", MIGRATIONS);
  await postgres
    .sql<Tables>()
    .insertInto("move_from_embedded")
    .values({ source, began_at: new Date().toISOString(), finished_at: null })
    .onConflict((conflict) => conflict.column("source").doNothing())
    .execute();
}

export async function finishMove(postgres: Postgres, source: string): Promise<void> {
  await postgres
    .sql<Tables>()
    .updateTable("move_from_embedded")
    .set({ finished_at: new Date().toISOString() })
    .where("source", "=", source)
    .execute();
}

/** @throws Error in words when a move into this cluster was begun and has not ended */
export async function requireNoOpenMove(postgres: Pick<Postgres, "sql">): Promise<void> {
  const move = await readMove(postgres);
  if (move && move.finished_at === null)
    throw new Error(
      "A data folder is being moved into this cluster, and not all of it is here yet. Wait for npm run migrate, or run it again where it was broken off.",
    );
}
