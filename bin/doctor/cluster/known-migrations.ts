// Every step by which this version brings the tables of a cluster up to date.
import { AUDIT_MIGRATIONS } from "../../../lib/cluster/postgres/audit-migrations.ts";
import { CLUSTER_MIGRATIONS } from "../../../lib/cluster/postgres/cluster-id.ts";
import { WORK_MIGRATIONS } from "../../../lib/cluster/postgres/work-migrations.ts";
import { MIGRATIONS as NODES } from "../../../services/nodes/tables.ts";
import { MIGRATIONS as QUOTA } from "../../../services/quota/tables.ts";
import { MIGRATIONS as RULES } from "../../../services/tools/tables.ts";
import { MIGRATIONS as USERS } from "../../../services/users/store/migrations.ts";

export const KNOWN_MIGRATIONS: Record<string, readonly string[]> = Object.fromEntries(
  Object.entries({
    ...{ audit: AUDIT_MIGRATIONS, cluster: CLUSTER_MIGRATIONS, work: WORK_MIGRATIONS },
    ...{ nodes: NODES, quota: QUOTA, tools: RULES, users: USERS },
  }).map(([service, steps]) => [service, Object.keys(steps)]),
);
