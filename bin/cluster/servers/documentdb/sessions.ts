// Where a command runs: on any connection to PostgreSQL, or on the one that holds its session's transaction.
import type pg from "pg";
import { CommandFailure, isAway, isConflict, NO_SUCH_TRANSACTION } from "./failure.ts";
import type { Request } from "./request.ts";

type Transaction = { client: pg.PoolClient; number: string; limit: NodeJS.Timeout };

/** As MongoDB's: whose client has gone does not hold locks for ever. */
const TRANSACTION_LIMIT_MS = 60_000;
const MOST_TRIES = 10;
const MOST_REMEMBERED = 10_000;

export class Sessions {
  readonly #pool: pg.Pool;
  readonly #open = new Map<string, Transaction>();
  /** The last number that each session has committed: who asks again, because the answer was lost, is told so. */
  readonly #committed = new Map<string, string>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Runs the work on the request's connection; what fails in a transaction ends it. `keep`: the connection is not given back. */
  async run<T>(request: Request, work: (client: pg.PoolClient, keep: () => void) => Promise<T>): Promise<T> {
    if (request.transaction === "none") return this.#alone(work);
    const transaction = await this.#transactionOf(request);
    try {
      return await work(transaction.client, () => undefined);
    } catch (error) {
      await this.#end(request.session, "ROLLBACK");
      throw error;
    }
  }

  async commit(request: Request): Promise<void> {
    const { session, number = "" } = request;
    if (this.#open.get(session)?.number !== number) {
      if (this.#committed.get(session) === number) return;
      throw new CommandFailure(NO_SUCH_TRANSACTION, `there is no transaction ${number}`);
    }
    await this.#end(session, "COMMIT");
    this.#committed.delete(session);
    this.#committed.set(session, number);
    const [oldest] = this.#committed.keys();
    if (this.#committed.size > MOST_REMEMBERED && oldest !== undefined) this.#committed.delete(oldest);
  }

  /** Also of a transaction that has ended already, which the driver cannot know. */
  async abort(session: string): Promise<void> {
    if (this.#open.has(session)) await this.#end(session, "ROLLBACK");
  }

  async #alone<T>(work: (client: pg.PoolClient, keep: () => void) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const client = await this.#pool.connect();
      let isKept = false;
      try {
        const result = await work(client, () => {
          isKept = true;
        });
        if (!isKept) client.release();
        return result;
      } catch (error) {
        client.release(isAway(error));
        if (!isConflict(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  async #transactionOf({ session, number = "", transaction }: Request): Promise<Transaction> {
    if (transaction === "starts") {
      await this.abort(session);
      const client = await this.#pool.connect();
      const limit = setTimeout(() => void this.abort(session), TRANSACTION_LIMIT_MS).unref();
      const begun = { client, number, limit };
      this.#open.set(session, begun);
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ").catch(async (error: unknown) => {
        await this.abort(session);
        throw error;
      });
      return begun;
    }
    const open = this.#open.get(session);
    if (open?.number === number) return open;
    throw new CommandFailure(
      NO_SUCH_TRANSACTION,
      `transaction ${number} has been aborted or was never begun`,
    );
  }

  async #end(session: string, by: "COMMIT" | "ROLLBACK"): Promise<void> {
    const transaction = this.#open.get(session);
    if (!transaction) return;
    this.#open.delete(session);
    clearTimeout(transaction.limit);
    try {
      await transaction.client.query(by);
      transaction.client.release();
    } catch (error) {
      transaction.client.release(true);
      if (by === "COMMIT") throw error;
    }
  }
}
