// The tables of the users service and the roles they start with. Run by the service at its start.
import type { Kysely } from "kysely";
import type { Role } from "../../../contracts/access.ts";
import type { Migrations } from "../../../lib/ports/ports.ts";
import type { UsersTables } from "./tables.ts";

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  free_user: "Uses the free plan",
  pro_user: "Uses a paid plan",
  admin: "Manages accounts and may use the server's own machine",
};

export const MIGRATIONS: Migrations = {
  "001-users": {
    async up(database: Kysely<unknown>) {
      await createUsers(database);
      await createCredentials(database);
      await seedRoles(database as Kysely<UsersTables>);
    },
  },
  "002-limits": {
    async up(database: Kysely<unknown>) {
      await database.schema.alterTable("users").addColumn("limits", "text").execute();
    },
  },
  "004-programs-of-logins": {
    async up(database: Kysely<unknown>) {
      await database.schema.alterTable("refresh_families").addColumn("program", "text").execute();
    },
  },
  "003-sign-in-codes": {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable("sign_in_codes")
        .addColumn("hash", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("key_id", "text")
        .addColumn("family_id", "text")
        .addColumn("expires_at", "text", (column) => column.notNull())
        .execute();
      for (const column of ["user_id", "expires_at"])
        await database.schema
          .createIndex(`sign_in_codes_by_${column}`)
          .on("sign_in_codes")
          .column(column)
          .execute();
    },
  },
};

async function createUsers(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("roles")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("description", "text", (column) => column.notNull())
    .execute();
  await database.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("email", "text", (column) => column.notNull().unique())
    .addColumn("display_name", "text", (column) => column.notNull())
    .addColumn("avatar_url", "text")
    .addColumn("role", "text", (column) => column.notNull().references("roles.name"))
    .addColumn("plan", "text", (column) => column.notNull())
    .addColumn("password_hash", "text")
    .addColumn("is_verified", "integer", (column) => column.notNull())
    .addColumn("is_disabled", "integer", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("last_login_at", "text")
    .execute();
}

async function createCredentials(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("refresh_families")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .addColumn("revoked_at", "text")
    .execute();
  await database.schema
    .createTable("refresh_tokens")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("family_id", "text", (column) => column.notNull())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .addColumn("used_at", "text")
    .execute();
  await database.schema
    .createTable("api_keys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("prefix", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("expires_at", "text")
    .addColumn("last_used_at", "text")
    .addColumn("revoked_at", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  for (const [table, column] of [
    ["refresh_families", "user_id"],
    ["refresh_tokens", "family_id"],
    ["api_keys", "user_id"],
  ] as const)
    await database.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute();
}

async function seedRoles(database: Kysely<UsersTables>): Promise<void> {
  const rows = Object.entries(ROLE_DESCRIPTIONS).map(([name, description]) => ({
    name: name as Role,
    description,
  }));
  await database
    .insertInto("roles")
    .values(rows)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}
