// Proves at the end that the cluster has what the data folder has: counts, digests, and the chains of the audit trail.
import { sealsOf, verifyAudit } from "../../lib/audit/chain.ts";
import { PostgresAudit } from "../../lib/cluster/postgres/postgres-audit.ts";
import { WRITER } from "../../lib/embedded/audit-table.ts";
import type { EmbeddedExport } from "../../lib/embedded/export/open-export.ts";
import { coloursFor } from "../terminal/colours.ts";
import { inColumns } from "../terminal/columns.ts";
import type { Texts } from "../terminal/texts.ts";
import { sideOf } from "./source.ts";
import { type Survey, survey, type Tables } from "./survey.ts";
import type { Target } from "./target.ts";

/** @returns a table for people. @throws Error with it where something is not the same */
export async function verify(
  source: EmbeddedExport,
  target: Target,
  tables: Tables,
  texts: Texts,
): Promise<string> {
  // Also those whose hour has ended since they were moved.
  const runs = new Set([...source.events.runs(Date.now()), ...(await target.stream.runs())]);
  const [here, there] = [await survey(sideOf(source), tables, runs), await survey(target, tables, runs)];
  const table = tableOf(here, there, texts);
  const different = [...here].filter(([name, { digest }]) => there.get(name)?.digest !== digest);
  if (different.length > 0)
    throw new Error(`${table}\n${texts.migrate.different(different.map(([name]) => name).join(", "))}`);
  return `${table}\n${await auditProof(source, target, texts)}`;
}

function tableOf(here: Survey, there: Survey, { migrate }: Texts): string {
  const rows = [...here].map(([name, { count, digest }]) => {
    const other = there.get(name);
    const isSame = other?.digest === digest;
    return [
      name,
      String(count),
      String(other?.count ?? 0),
      digest.slice(0, 12),
      isSame ? migrate.same : migrate.other,
    ];
  });
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  return inColumns(migrate.heads, rows, columns, coloursFor(process.stdout)).join("\n");
}

/** The chain that the data folder began goes on being proven by the keys that sealed it. */
async function auditProof({ sealKeys }: EmbeddedExport, { postgres }: Target, texts: Texts): Promise<string> {
  const seals = sealsOf([], WRITER, sealKeys);
  const trail = new PostgresAudit(postgres, { writer: WRITER, seals });
  const { rows, heads, faults } = await verifyAudit(trail, [], sealKeys.length > 0 ? seals : undefined);
  if (faults[0] !== undefined) throw new Error(texts.migrate.tampered(texts.said(faults[0])));
  return texts.migrate.auditWhole(rows, heads.find(({ writer }) => writer === WRITER)?.seq ?? 0);
}
