// The chain of hashes of an audit trail: how a row's hash is made, and what is wrong with a chain that was tampered with (G31).
import { hash } from "node:crypto";
import type { AuditHead, AuditRow, AuditRows } from "../ports/audit.ts";
import type { Seals } from "./seals.ts";

/** The hash before a writer's first row. */
export const NO_HASH = "0".repeat(64);
const AT_ONCE = 1_000;

/** @param before the hash of the writer's row before this one */
export function hashOfRow(row: Omit<AuditRow, "hash" | "seal">, before: string): string {
  const { writer, seq, at, subject, entry, user_id, details } = row;
  return hash("sha256", JSON.stringify([before, writer, seq, at, subject, entry, user_id, details]));
}

/** What was found over all writers; `rows` counts those that were read. */
export type Verdict = {
  rows: number;
  /** The end of each writer's chain as it is now. */
  heads: AuditHead[];
  /** What contradicts the chains, in words; empty when all is as it was written. */
  faults: string[];
};

/**
 * Reads every row once.
 * @param exported heads that were kept elsewhere: a chain that was cut or written anew does not lead to them
 * @param seals of the server whose trail it is: rows of somebody else have none that fits
 */
export async function verifyAudit(
  trail: AuditRows,
  exported: AuditHead[] = [],
  seals?: Seals,
): Promise<Verdict> {
  const heads = [...exported, ...(seals?.anchors ?? [])];
  const verdict: Verdict = { rows: 0, heads: [], faults: await trail.unreadable() };
  const writers = new Set([...(await trail.writers()), ...heads.map(({ writer }) => writer)]);
  for (const writer of writers) {
    const known = heads.filter((head) => head.writer === writer);
    const { rows, head, faults } = await verifyWriter(trail, writer, known, seals);
    verdict.rows += rows;
    verdict.heads.push(head);
    verdict.faults = verdict.faults.concat(faults);
  }
  return verdict;
}

type WriterVerdict = { rows: number; head: AuditHead; faults: string[] };

async function verifyWriter(
  trail: AuditRows,
  writer: string,
  exported: AuditHead[],
  seals: Seals | undefined,
): Promise<WriterVerdict> {
  let head: AuditHead = { writer, seq: 0, hash: NO_HASH };
  let rows = 0;
  const faults: string[] = [];
  for await (const row of allRows(trail, writer)) {
    rows += 1;
    if (!Number.isSafeInteger(row.seq) || row.seq < 1) {
      faults.push(`${nameOf(row)} is in no place that a row has: it was added`);
      continue;
    }
    const own = faultsOf(row, head);
    // A row that was changed keeps the seal of the hash it had: it is named once.
    const seal = own.length === 0 ? seals?.faultOf(row) : undefined;
    faults.push(...own, ...(seal ? [`${nameOf(row)} ${seal}`] : []));
    const kept = exported.find(({ seq }) => seq === row.seq);
    if (kept && kept.hash !== row.hash)
      faults.push(`${nameOf(row)} is not the row whose hash was kept: the chain was written anew`);
    head = { writer, seq: row.seq, hash: row.hash };
  }
  for (const { seq } of exported)
    if (seq > head.seq)
      faults.push(`${writer} ends at row ${head.seq}, but row ${seq} was there: its end was cut off`);
  return { rows, head, faults };
}

/** Every row of a writer, in order; also those that somebody has put before the first one. */
export async function* allRows(trail: AuditRows, writer: string): AsyncIterable<AuditRow> {
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = await trail.rows(writer, after, AT_ONCE);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
}

/** A row that is wrong is named once; the rows behind it are judged by the hash it has. */
function faultsOf(row: AuditRow, before: AuditHead): string[] {
  if (row.seq !== before.seq + 1) {
    const [first, last] = [before.seq + 1, row.seq - 1];
    return [`${row.writer}: ${first === last ? `row ${first} is` : `rows ${first} to ${last} are`} missing`];
  }
  return row.hash === hashOfRow(row, before.hash)
    ? []
    : [`${nameOf(row)} or its place was changed: its hash does not fit`];
}

const nameOf = ({ writer, seq, subject, entry }: AuditRow) => `${writer} row ${seq} (${entry} of ${subject})`;
