// A connection for one user of it. Alone a statement is sent as it comes. In a transaction what is asked at once goes out together,
// in the order of the calls: `begin` with the first of it, and the commit with the last where it is asked for with that. What is
// thrown is of the catalogue.
import { AbortedTransactionError, type DatabaseConnection, type QueryResult } from "kysely";
import type pg from "pg";
import { COMMIT, type NamedQuery } from "../../sql.ts";
import { type Counted, uncounted } from "../store-metrics.ts";
import { type Answer, Flight, type Statement } from "./flight.ts";
import { isOutdated, isRefusal, isRepeatable, postgresError, storeUnavailable } from "./postgres-error.ts";
import type { StatementNames } from "./statement-names.ts";

const MOST_TRIES = 3;
const BEGIN: Statement = { sql: "begin", parameters: [], name: "begin" };
const ROLLBACK: Statement = { sql: "rollback", parameters: [], name: "rollback" };

type Waiting = {
  statement: NamedQuery<unknown> | Statement;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #names: StatementNames;
  readonly #counted: Counted;
  #isBroken = false;
  readonly #markBroken = () => {
    this.#isBroken = true;
  };
  #transaction: "none" | "to be begun" | "begun" = "none";
  #commit: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;

  constructor(client: pg.PoolClient, names: StatementNames, counted = uncounted) {
    this.#client = client;
    this.#names = names;
    this.#counted = counted;
    client.on("error", this.#markBroken);
  }

  /** Reaches its place in the order before it returns. */
  async executeQuery<Row>(query: NamedQuery<unknown>): Promise<QueryResult<Row>> {
    if (query === COMMIT) {
      await this.commit();
      return { rows: [] };
    }
    return resultOf<Row>(await (this.#transaction === "none" ? this.#alone(query) : this.#together(query)));
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("the pool does not stream; page by an index instead");
  }

  /** Sent with the first statement. */
  begin(): void {
    this.#transaction = "to be begun";
    this.#commit = undefined;
  }

  /** Behind what is asked before it; nothing can be asked behind it. Safe to repeat. */
  commit(): Promise<void> {
    this.#commit ??= this.#committed();
    return this.#commit;
  }

  async #committed(): Promise<void> {
    if (this.#transaction === "to be begun" && this.#waiting.length === 0) return;
    const { command } = await this.#queued(COMMIT);
    // That is how it says that a statement had failed.
    if (command !== COMMIT.sql.toUpperCase()) throw new AbortedTransactionError();
  }

  /** After anything that went wrong, also in the commit. A connection that does not take it is not used again. */
  async rollback(): Promise<void> {
    this.#commit ??= Promise.reject(new Error("the transaction is over"));
    const isCommitted = await this.#commit.then(
      () => true,
      () => false,
    );
    await this.#sending;
    if (isCommitted || this.#isBroken || this.#transaction !== "begun") return;
    await this.#fly([ROLLBACK]).catch(this.#markBroken);
  }

  /** Back into the pool, unless it is broken or something is under way on it still. */
  release(): void {
    this.#client.release(this.#isBroken || this.#sending !== undefined);
    this.#client.off("error", this.#markBroken);
  }

  /** What was undone of a statement that stood alone may be done again. */
  async #alone(query: NamedQuery<unknown>): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        const [answer] = await this.#fly([query]);
        return answer as Answer;
      } catch (thrown) {
        if (tries === MOST_TRIES || !isRepeatable(thrown)) throw thrown;
      }
    }
  }

  #together(query: NamedQuery<unknown>): Promise<Answer> {
    if (this.#commit) return Promise.reject(new Error("the transaction is over"));
    return this.#queued(query);
  }

  #queued(statement: Waiting["statement"]): Promise<Answer> {
    // It would wait there for the answer that did not come.
    if (this.#isBroken) return Promise.reject(storeUnavailable("the connection to it was lost"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statement, resolve, reject });
      this.#sending ??= this.#send();
    });
  }

  async #send(): Promise<void> {
    // What is asked in the same breath comes along.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const first = this.#transaction === "to be begun" ? [BEGIN] : [];
      this.#transaction = "begun";
      try {
        const answers = await this.#fly([...first, ...batch.map(({ statement }) => statement)]);
        for (const [index, { resolve }] of batch.entries()) resolve(answers[first.length + index] as Answer);
      } catch (thrown) {
        for (const { reject } of batch) reject(thrown);
      }
    }
    this.#sending = undefined;
  }

  #fly(statements: Waiting["statement"][]): Promise<Answer[]> {
    return this.#counted(() => this.#flown(statements));
  }

  async #flown(statements: Waiting["statement"][]): Promise<Answer[]> {
    const { generation } = this.#names;
    const named = statements.map(({ sql, parameters, name }) => ({
      ...{ sql, parameters },
      ...(name === undefined ? {} : { name: this.#names.of(name) }),
    }));
    try {
      return await new Promise((resolve, reject) => {
        const flight = new Flight(named, (landed) =>
          "error" in landed ? reject(landed.error) : resolve(landed.answers),
        );
        this.#client.query(flight);
      });
    } catch (thrown) {
      if (!isRefusal(thrown)) this.#isBroken = true;
      // The server's error knows where its answer was read; who asked is of more use.
      else Error.captureStackTrace(thrown as Error);
      if (isOutdated(thrown)) this.#names.renew(generation);
      throw postgresError(thrown);
    }
  }
}

const WRITES = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

function resultOf<Row>({ command, rowCount, rows }: Answer): QueryResult<Row> {
  const counted = WRITES.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {};
  return { ...counted, rows: rows as Row[] };
}
