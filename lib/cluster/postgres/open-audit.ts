// The audit trail of a cluster for reading only, every process's chain of it, also beside the processes that write it.
import { sql } from "kysely";
import { readSealKeys, sealsOf } from "../../audit/chain.ts";
import { WRITER } from "../../embedded/audit-table.ts";
import type { OpenAudit } from "../../embedded/open-audit.ts";
import { openPostgres } from "./open-postgres.ts";
import { PostgresAudit } from "./postgres-audit.ts";

const START_PATIENCE_MS = 5_000;

/**
 * @param secrets as in JWT_SECRET: rows are sealed with them
 * @param home where audit-key lies, when a server on its own files was moved here: its rows are sealed with that
 * @throws Error in words for a person when there is no trail that can be read
 */
export async function openClusterAudit(url: string, secrets: string[], home: string): Promise<OpenAudit> {
  const postgres = openPostgres({ url, name: "macjarvis audit", startPatienceMs: START_PATIENCE_MS });
  const seals = sealsOf(secrets.toReversed(), WRITER, readSealKeys(home));
  try {
    await postgres.ready();
    const found = sql<{ there: boolean }>`select to_regclass('audit') is not null as there`;
    if (!(await found.execute(postgres.sql<unknown>())).rows[0]?.there)
      throw new Error(
        "PostgreSQL (POSTGRES_URL) holds no audit trail yet: it begins with the first start of the cluster's processes. Check POSTGRES_URL.",
      );
  } catch (thrown) {
    await postgres.close();
    throw thrown;
  }
  return {
    trail: new PostgresAudit(postgres, { writer: WRITER, seals }),
    seals,
    close: () => postgres.close(),
  };
}
