// A streaming replica of PostgreSQL, for reports. It is asked only while it answers and is not far behind; else the server itself is, and
// somebody is told once. It has no part in whether the process is well.
import { type Kysely, sql } from "kysely";
import type { ClientConfig } from "pg";
import { toError } from "../../errors.ts";
import { kyselyOn } from "./kysely-dialect.ts";
import { type Patience, Pool, type PoolOptions } from "./pool.ts";

/** Shorter than the server's own: whoever waits for a report is answered by the server after it. */
const PATIENCE: Patience = {
  connectMs: 1_000,
  statementMs: 5_000,
  answerMs: 6_000,
  idleTransactionMs: 5_000,
};
/** Older is no report any more. */
const MOST_BEHIND_MS = 10_000;
/** How long it is taken for fit without another look, and for unfit. */
const FIT_MS = 1_000;
const UNFIT_MS = 10_000;

type ReplicaOptions = PoolOptions & {
  /** Told when it cannot be used, in words with the reason, and when it can again. */
  onReplica?: (words: string) => void;
  /** How far behind it may be. */
  mostBehindMs?: number;
};

export class Replica {
  readonly #main: Kysely<unknown>;
  readonly #pool: Pool;
  readonly #db: Kysely<unknown>;
  readonly #tell: (words: string) => void;
  readonly #mostBehindMs: number;
  /** Why it cannot be used; undefined while it can, and before the first look. */
  #fault: string | undefined;
  #lookAt = 0;
  #looking: Promise<void> | undefined;

  /** Opens no connection yet. @param main the server that it follows */
  constructor(main: Kysely<unknown>, server: ClientConfig, options: ReplicaOptions) {
    this.#main = main;
    this.#pool = new Pool(server, { patience: PATIENCE, ...options, readOnly: true });
    this.#db = kyselyOn<unknown>(this.#pool);
    this.#tell = options.onReplica ?? (() => undefined);
    this.#mostBehindMs = options.mostBehindMs ?? MOST_BEHIND_MS;
  }

  /** @param read done again on the server itself when the replica throws, whatever it is: it may not have a new table yet */
  async report<Tables, T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const main = this.#main as Kysely<Tables>;
    if (!(await this.#isFit())) return read(main);
    try {
      return await read(this.#db as Kysely<Tables>);
    } catch (thrown) {
      this.#found(toError(thrown).message);
      return read(main);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  /** Nobody waits for a look at one that was unfit. */
  async #isFit(): Promise<boolean> {
    if (performance.now() >= this.#lookAt) {
      this.#looking ??= this.#look();
      if (this.#fault === undefined) await this.#looking;
    }
    return this.#fault === undefined;
  }

  async #look(): Promise<void> {
    const asked = faultOf(this.#main, this.#db, this.#mostBehindMs);
    const fault = await asked.catch((thrown: unknown) => toError(thrown).message);
    this.#looking = undefined;
    this.#found(fault);
  }

  #found(fault: string | undefined): void {
    const wasFit = this.#fault === undefined;
    this.#fault = fault;
    this.#lookAt = performance.now() + (fault === undefined ? FIT_MS : UNFIT_MS);
    if (fault !== undefined && wasFit)
      this.#tell(`reports are read from POSTGRES_URL: the replica (POSTGRES_REPLICA_URL): ${fault}`);
    if (fault === undefined && !wasFit) this.#tell("reports are read from POSTGRES_REPLICA_URL again");
  }
}

type Position = { identity: string; position: string };
type State = {
  identity: string;
  follows: boolean;
  isLevel: boolean | null;
  behindMs: number | null;
};

/** The same of a server and of all that follow it, and of no other one; with the database, as that is what is read. */
const IDENTITY = sql`(select system_identifier::text || current_database() from pg_control_system())`;

/**
 * Why a replica cannot be used for reports of a server; undefined when it can. A server on which nothing happens is followed by one
 * whose last change is old, so that the time of that change counts only where the replica has not all of the server's log.
 * @throws when one of them does not answer
 */
export async function faultOf(
  main: Kysely<unknown>,
  replica: Kysely<unknown>,
  mostBehindMs = MOST_BEHIND_MS,
): Promise<string | undefined> {
  const [server] = (
    await sql<Position>`select ${IDENTITY} as identity, pg_current_wal_lsn()::text as position`.execute(main)
  ).rows;
  const [state] = (
    await sql<State>`select ${IDENTITY} as identity, pg_is_in_recovery() as follows,
      pg_last_wal_replay_lsn() >= ${server?.position}::pg_lsn as "isLevel",
      (extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint as "behindMs"`.execute(
      replica,
    )
  ).rows;
  if (!state?.follows) return "it is no replica: it takes writes of its own";
  if (state.identity !== server?.identity) return "it follows another database than that of POSTGRES_URL";
  if (state.isLevel) return undefined;
  if (state.behindMs === null) return "it has not followed anything yet";
  if (state.behindMs <= mostBehindMs) return undefined;
  return `it is ${Math.round(state.behindMs / 1_000)} s behind`;
}
