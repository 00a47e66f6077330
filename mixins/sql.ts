// A service with tables of its own: `this.sql` is typed by them, and they are up to date before the service's `started`.
import type { Kysely } from "kysely";
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";
import type { Migrations } from "../lib/ports/ports.ts";
import { needing } from "./ports.ts";

export type WithSql<Tables> = {
  sql: Kysely<Tables>;
  /** Reads for a report: `Ports.report`. */
  report<T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
};

/** Each service has its own list of migrations, so that services can be updated one by one. */
export function sql<Tables>(migrations: Migrations): Mixin<WithSql<Tables>> {
  const mixin = defineMixin<WithSql<Tables>>({
    created() {
      const { ports } = this.broker.core;
      this.sql = ports.sql<Tables>();
      this.report = (read) => ports.report(read);
    },
    started() {
      return this.broker.core.ports.migrate(this.name, migrations);
    },
  });
  return needing(["sql", "report", "migrate"], mixin);
}
