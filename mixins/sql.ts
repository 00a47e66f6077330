// A service with tables of its own: `this.sql` is typed by them, and they are up to date before the service's `started`.
import type { Kysely } from "kysely";
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";
import type { Migrations } from "../lib/ports/ports.ts";
import { needing } from "./ports.ts";

export type WithSql<Tables> = { sql: Kysely<Tables> };

/** Each service has its own list of migrations, so that services can be updated one by one. */
export function sql<Tables>(migrations: Migrations): Mixin<WithSql<Tables>> {
  const mixin = defineMixin<WithSql<Tables>>({
    created() {
      this.sql = this.broker.core.ports.sql<Tables>();
    },
    started() {
      return this.broker.core.ports.migrate(this.name, migrations);
    },
  });
  return needing(["sql", "migrate"], mixin);
}
