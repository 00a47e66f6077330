// The audit trail as an admin pages through it, newest first: the chains of all writers, merged by the time of their rows. Each row is found
// by its place in its chain, so a page costs what it looks at, however long the trail is; it looks at so many rows and no more.
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import type { AuditPage, auditParams } from "../../../contracts/audit.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AuditRow, AuditRows } from "../../../lib/ports/audit.ts";

type Wanted = z.output<typeof auditParams>;
/** By writer, where its next rows are below. One that is not there has no more. */
type Places = Map<string, number>;

const MOST_ROWS = 5_000;
const AT_ONCE = 250;
const places = z.array(z.tuple([z.string(), z.int()])).max(10_000);

/** @throws invalid_request when the cursor is none */
export async function readAudit(trail: AuditRows, wanted: Wanted): Promise<AuditPage> {
  const at = wanted.cursor === undefined ? await startOf(trail, wanted.to) : decode(wanted.cursor);
  const merged = new Merged(trail, at);
  const entries: AuditPage["entries"] = [];
  let looked_at = 0;
  let looked_to: string | null = null;
  while (entries.length < wanted.limit && looked_at < MOST_ROWS) {
    const row = await merged.next(wanted.from);
    if (!row) break;
    looked_at += 1;
    looked_to = row.at;
    if (isWanted(row, wanted)) entries.push(entryOf(row));
  }
  const isEnd = !(await merged.hasMore(wanted.from));
  return { entries, looked_at, looked_to, next_cursor: isEnd ? null : encode(at) };
}

/** The newest row of all chains, one after the other. */
class Merged {
  readonly #trail: AuditRows;
  readonly #places: Places;
  readonly #read = new Map<string, AuditRow[]>();

  constructor(trail: AuditRows, places: Places) {
    this.#trail = trail;
    this.#places = places;
  }

  /** @param from rows before that are none, and with them what is behind them in their chain */
  async next(from: string | undefined): Promise<AuditRow | undefined> {
    const newest = await this.#newest(from);
    if (!newest) return undefined;
    this.#read.get(newest.writer)?.shift();
    this.#places.set(newest.writer, newest.seq);
    return newest;
  }

  async hasMore(from: string | undefined): Promise<boolean> {
    return (await this.#newest(from)) !== undefined;
  }

  async #newest(from: string | undefined): Promise<AuditRow | undefined> {
    let newest: AuditRow | undefined;
    for (const writer of [...this.#places.keys()]) {
      const row = await this.#first(writer);
      if (!row || (from !== undefined && row.at < from)) this.#places.delete(writer);
      else if (!newest || row.at > newest.at) newest = row;
    }
    return newest;
  }

  async #first(writer: string): Promise<AuditRow | undefined> {
    const known = this.#read.get(writer) ?? [];
    if (known.length > 0) return known[0];
    await nextTurn();
    const rows = await this.#trail.rowsBefore(writer, this.#places.get(writer) ?? 0, AT_ONCE);
    this.#read.set(writer, rows);
    return rows[0];
  }
}

/** @param to nothing behind that time: found in each chain by halving it, because times grow along it */
async function startOf(trail: AuditRows, to: string | undefined): Promise<Places> {
  const start: Places = new Map();
  for (const writer of await trail.writers()) {
    const { seq } = await trail.head(writer);
    start.set(writer, to === undefined ? seq + 1 : await firstAfter(trail, writer, seq, to));
  }
  return start;
}

async function firstAfter(trail: AuditRows, writer: string, end: number, to: string): Promise<number> {
  let [low, high] = [1, end + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await trail.rows(writer, middle - 1, 1);
    if (row && row.at <= to) low = Math.max(middle, row.seq) + 1;
    else high = middle;
  }
  return low;
}

function isWanted({ subject, entry, user_id, details }: AuditRow, wanted: Wanted): boolean {
  const { user, kind, node, q } = wanted;
  if (wanted.subject !== undefined && subject !== wanted.subject) return false;
  if (user !== undefined && user_id !== user && !details.includes(`"by":${JSON.stringify(user)}`))
    return false;
  if (kind !== undefined && entry !== kind && !entry.startsWith(`${kind} `) && !entry.startsWith(`${kind}.`))
    return false;
  if (node !== undefined && subject !== node && !details.includes(`"node_id":${JSON.stringify(node)}`))
    return false;
  return (
    q === undefined || `${entry} ${subject} ${user_id} ${details}`.toLowerCase().includes(q.toLowerCase())
  );
}

function entryOf({ seal: _, details, ...row }: AuditRow): AuditPage["entries"][number] {
  try {
    return { ...row, details: JSON.parse(details) as unknown };
  } catch {
    // Somebody has broken it: it is shown as it is.
    return { ...row, details };
  }
}

const encode = (at: Places): string => Buffer.from(JSON.stringify([...at])).toString("base64url");

function decode(cursor: string): Places {
  try {
    return new Map(places.parse(JSON.parse(Buffer.from(cursor, "base64url").toString())));
  } catch {
    throw new AppError("invalid_request", '"cursor" is not one that a list has given.', {
      errors: [{ path: "cursor", message: "take it from next_cursor" }],
    });
  }
}
