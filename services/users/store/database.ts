// What the store's verbs run on: the service's SQL store, or a transaction of it.
import type { Kysely } from "kysely";
import type { UsersTables } from "./tables.ts";

export type Database = Kysely<UsersTables>;
