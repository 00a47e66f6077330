// Rows of all tables into PostgreSQL: users, keys, money, rules, nodes, waiting work and the audit trail, as they are.
import type { Progress } from "./progress.ts";
import type { Side, Tables } from "./survey.ts";
import type { Target } from "./target.ts";

/** Safe to repeat: a page is one transaction, and a row that is there is made equal. */
export async function copyTables(from: Side, { tables }: Target, wanted: Tables, progress: Progress) {
  for (const [table, columns] of wanted) {
    for await (const page of from.rows(table, columns)) {
      await tables.put(table, columns, page);
      progress.add(table, page.length);
    }
    progress.end(table);
  }
}
