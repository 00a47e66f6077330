// The steps of PostgreSQL's tables that this version knows, by who makes them (`cluster_migrations`); loaded where a cluster is looked at.
import { CLUSTER_MIGRATIONS } from "../../../lib/cluster/postgres/cluster-id.ts";
import { MIGRATIONS } from "../../migrate/known-stores.ts";

export const KNOWN_MIGRATIONS: Record<string, readonly string[]> = Object.fromEntries(
  Object.entries({ ...MIGRATIONS, cluster: CLUSTER_MIGRATIONS }).map(([name, steps]) => [
    name,
    Object.keys(steps),
  ]),
);
