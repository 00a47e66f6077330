// The audit trail: who ran what where with which arguments, who approved, what it cost (G31). Append-only; each writer's rows
// are a chain of hashes. Embedded: a table of the one file, written in the moment it belongs to.
import type { UserId } from "../../contracts/ids.ts";

/** Something to be written down. */
export type AuditEntry = {
  /** What it is about: a run, an account, a call made directly. */
  subject: string;
  /** Names the entry among those of its subject, e.g. `call.sent 1.0`: written again, it changes nothing. */
  entry: string;
  /** Whose subject it is. */
  user_id: UserId;
  /** What happened, as JSON; ids, names, numbers, hashes and shortened arguments, never a secret or a message's text (G21). */
  details: Record<string, unknown>;
};

/** An entry as it stands in the trail. */
export type AuditRow = {
  writer: string;
  /** From 1, without gaps for each writer. */
  seq: number;
  /** ISO time. */
  at: string;
  subject: string;
  entry: string;
  user_id: string;
  /** JSON, exactly as it was hashed. */
  details: string;
  /** SHA-256 in hex over this row and the hash of the row before it (lib/audit/chain.ts). */
  hash: string;
  /** By the key of the server that wrote it (lib/audit/chain.ts); empty where it is older than the first key. */
  seal: string;
};

/** The end of a writer's chain; kept elsewhere, it proves later that nothing before it was cut off or changed. */
export type AuditHead = Pick<AuditRow, "writer" | "seq" | "hash">;

/** The writing side, for services. */
export interface AuditTrail {
  /** Adds the entry behind the writer's others, in the moment it is called in; an entry that is there stays as it is. */
  append(entry: AuditEntry): Promise<void>;
}

/** What tells rows of this server from others (lib/audit/chain.ts). */
export type AuditSeals = {
  faultOf(row: AuditRow): string | undefined;
  /** Heads that chains must still lead to. */
  readonly anchors: AuditHead[];
};

/** The whole trail, of all writers, for reading. `seals` is undefined where there is no key. */
export type AuditReading = { trail: AuditRows; seals: AuditSeals | undefined };

/** A writer's rows behind `after`, up to `last` or, where that is null, to the end; or what belongs to no writer. */
export type AuditPart = { writer: string; after: number; last: number | null } | "besides";

/** What verifying and showing need; a trail can be read while it is written. */
export interface AuditRows {
  writers(): Promise<string[]>;
  /** The end of a writer's chain; row 0 when it has none. */
  head(writer: string): Promise<AuditHead>;
  /** What no row of a writer is and yet there, in words; empty when everything can be read. */
  unreadable(): Promise<string[]>;
  /** The same of a part, at the cost of that part. */
  unreadableIn(part: AuditPart): Promise<string[]>;
  /** A writer's rows behind number `after`, in order. */
  rows(writer: string, after: number, limit: number): Promise<AuditRow[]>;
  /** A writer's rows before number `before`, the last first. */
  rowsBefore(writer: string, before: number, limit: number): Promise<AuditRow[]>;
}
