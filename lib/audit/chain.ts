// The chain of hashes of an audit trail: how a row's hash is made, and what is wrong with a chain that was tampered with (G31).
// And seals: a MAC (HMAC-SHA256) over each row's hash with a key that is not in the database. Whoever can write rows but not
// read the key cannot make one that verification takes for the server's (G31, docs/audit.md).
import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditHead, AuditRow, AuditRows } from "../ports/audit.ts";
import { readSecretFile, writeSecretFile } from "../secret-file.ts";

/** The writer of a server on its own files. */
export const WRITER = "embedded";
/** The hash before a writer's first row. */
export const NO_HASH = "0".repeat(64);
const AT_ONCE = 1_000;

/** @param before the hash of the writer's row before this one */
export function hashOfRow(row: Omit<AuditRow, "hash" | "seal">, before: string): string {
  const { writer, seq, at, subject, entry, user_id, details } = row;
  return hash("sha256", JSON.stringify([before, writer, seq, at, subject, entry, user_id, details]));
}

/** What was found over all writers; `rows` counts those that were read. */
type Verdict = {
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
    const { rows, head, faults } = await verifyStretch(trail, writer, known, seals);
    verdict.rows += rows;
    verdict.heads.push(head);
    verdict.faults = verdict.faults.concat(faults);
  }
  return verdict;
}

type Stretch = {
  rows: number;
  /** The last row of the chain that was read. */
  head: AuditHead;
  /** The last row that was read, in whatever place. */
  after: number;
  isEnd: boolean;
  faults: string[];
};
/** `after` and `head` of the stretch before; without them a chain is begun. */
type HowFar = { after?: number; head?: AuditHead; most?: number };

/**
 * A stretch of a writer's chain.
 * @param exported heads of that writer
 */
export async function verifyStretch(
  trail: AuditRows,
  writer: string,
  exported: AuditHead[],
  seals: Seals | undefined,
  { after = Number.MIN_SAFE_INTEGER, head = { writer, seq: 0, hash: NO_HASH }, most = Infinity }: HowFar = {},
): Promise<Stretch> {
  const read: Stretch = { rows: 0, head, after, isEnd: true, faults: [] };
  for await (const row of allRows(trail, writer, after)) {
    if (read.rows >= most) return { ...read, isEnd: false };
    read.rows += 1;
    read.after = row.seq;
    if (!Number.isSafeInteger(row.seq) || row.seq < 1) {
      read.faults.push(`${nameOf(row)} is in no place that a row has: it was added`);
      continue;
    }
    const own = faultsOf(row, read.head);
    // A row that was changed keeps the seal of the hash it had: it is named once.
    const seal = own.length === 0 ? seals?.faultOf(row) : undefined;
    read.faults.push(...own, ...(seal ? [`${nameOf(row)} ${seal}`] : []));
    const kept = exported.find(({ seq }) => seq === row.seq);
    if (kept && kept.hash !== row.hash)
      read.faults.push(`${nameOf(row)} is not the row whose hash was kept: the chain was written anew`);
    read.head = { writer, seq: row.seq, hash: row.hash };
  }
  const end = read.head.seq;
  for (const { seq } of exported)
    if (seq > end)
      read.faults.push(`${writer} ends at row ${end}, but row ${seq} was there: its end was cut off`);
  return read;
}

/** Every row of a writer, in order; also those that somebody has put before the first one. */
export async function* allRows(
  trail: AuditRows,
  writer: string,
  begin = Number.MIN_SAFE_INTEGER,
): AsyncIterable<AuditRow> {
  for (let after = begin; ; ) {
    const rows = await trail.rows(writer, after, AT_ONCE);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
    // A server that verifies its trail has others to serve.
    await nextTurn();
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

/** `after`: the end of the chain when the key was made; rows up to there are sealed by an older key, or by none. */
export type SealKey = { id: string; key: KeyObject; after: Omit<AuditHead, "writer"> };

const KEY_BYTES = 32;
const LINE = /^([\w-]{43}) (\d+) ([0-9a-f]{64})$/;

/** The file of the keys in a data folder: a line each, the last one seals. */
function sealKeysPath(home: string): string {
  return join(home, "audit-key");
}

/** Undefined when there is no file. @throws Error in words when it holds something else */
export function readSealKeys(home: string): SealKey[] | undefined {
  const path = sealKeysPath(home);
  return readSecretFile(path)
    ?.split("\n")
    .map((line) => {
      const [, key, seq, after = ""] = LINE.exec(line.trim()) ?? [];
      if (!key) throw new Error(`${path} is no key file of the audit trail: restore it from a backup.`);
      return keyOf(Buffer.from(key, "base64url"), { seq: Number(seq), hash: after });
    });
}

/** Makes the first key of a trail that may have rows already. */
export function makeSealKey(home: string, after: SealKey["after"]): SealKey[] {
  const key = randomBytes(KEY_BYTES);
  writeSecretFile(sealKeysPath(home), `${key.toString("base64url")} ${after.seq} ${after.hash}`);
  return [keyOf(key, { seq: after.seq, hash: after.hash })];
}

/**
 * The seals of a trail whose key is given, and was there before its first row; several writers share it.
 * @param secrets of at least 32 characters, oldest first: the last one seals, all of them verify
 * @param moved keys of the data folder that was moved here, whose chain goes on being verified by them; `writer` is its writer then
 */
export function sealsOf(secrets: string[], writer: string, moved: SealKey[] = []): Seals {
  const own = secrets.map((secret) => keyOf(Buffer.from(secret), { seq: 0, hash: NO_HASH }));
  return new Seals([...moved, ...own], writer);
}

function keyOf(key: Buffer, after: SealKey["after"]): SealKey {
  // As an object: a MAC by bytes makes one each time, which costs six times as much.
  return { id: hash("sha256", key).slice(0, 16), key: createSecretKey(key), after };
}

/** The keys of one trail, oldest first: the last one seals, all of them verify (HMAC-SHA256, RFC 2104). */
export class Seals {
  readonly #keys: SealKey[];
  readonly #writer: string;

  /** @param writer the one whose rows may be older than the first key */
  constructor(keys: SealKey[], writer: string) {
    this.#keys = keys;
    this.#writer = writer;
  }

  /** Seals the row that has this hash. */
  sealOf(rowHash: string): string {
    const key = this.#keys.at(-1);
    if (!key) throw new Error("there is no key to seal with");
    return sealBy(key, rowHash);
  }

  /** Where the chain was when each key was made: it must still lead through there. */
  get anchors(): AuditHead[] {
    return this.#keys
      .filter(({ after }) => after.seq > 0)
      .map(({ after }) => ({ writer: this.#writer, ...after }));
  }

  /** What is wrong with a row whose hash fits, in words behind its name; undefined when this server wrote it. */
  faultOf({ writer, seq, hash: rowHash, seal }: AuditRow): string | undefined {
    if (seal === "") {
      const isOlder = writer === this.#writer && seq <= (this.#keys[0]?.after.seq ?? 0);
      return isOlder ? undefined : "has no seal: this server did not write it";
    }
    const key = this.#keys.find(({ id }) => seal.startsWith(`${id}.`));
    if (!key)
      return "is sealed with a key that is not in audit-key: this server did not write it, or the key was replaced";
    return seal === sealBy(key, rowHash)
      ? undefined
      : "has a seal that does not fit: this server did not write it";
  }
}

function sealBy({ id, key }: SealKey, rowHash: string): string {
  return `${id}.${createHmac("sha256", key).update(rowHash).digest("hex")}`;
}
