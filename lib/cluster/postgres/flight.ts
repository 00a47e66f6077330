// Statements that go out together and are answered together: one query for the driver, one round trip. They are one step of the
// protocol: behind the first that fails the server skips all that came with it. So nothing runs outside of its transaction because
// its `begin` failed, and no commit without the write before it.
import pg from "pg";
import { CONVERTERS, columnValues } from "./numbers.ts";

export type Statement = {
  sql: string;
  parameters: readonly unknown[];
  /** Under which the connection keeps it parsed, and in time planned; always the same text. */
  name?: string;
};
export type Answer = { command: string; rowCount: number | null; rows: unknown[] };
export type Landed = { error: unknown } | { answers: Answer[] };

/** What the driver calls on its own queries and on those of others; its types name `submit` only. */
type DriverQuery = {
  name?: string;
  text: string;
  callback: (error: unknown, answer?: Answer) => void;
  submit(connection: DriverConnection): Error | null;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: DriverConnection): void;
  handleReadyForQuery(connection: DriverConnection): void;
};
type DriverConnection = pg.Connection & {
  submittedNamedStatements: Record<string, string>;
  sendCopyFail(words: string): void;
};

export class Flight implements pg.Submittable {
  /** The driver puts its time-out around it. */
  callback: (error?: unknown) => void;
  readonly #queries: DriverQuery[];
  readonly #answers: Answer[] = [];
  /** Of a value that could not be sent, or of an answer that could not be read. */
  #failure: { error: unknown } | undefined;
  /** How many have been answered. */
  #done = 0;

  /** @param onLanded called once, with the first error or with the answers of all */
  constructor(statements: Statement[], onLanded: (landed: Landed) => void) {
    this.callback = (error) => onLanded(error ? { error } : { answers: this.#answers });
    this.#queries = statements.map((statement) => this.#queryOf(statement));
  }

  #queryOf({ sql, parameters, name }: Statement): DriverQuery {
    // Not the driver's simple mode, which ends a step of the protocol with each text.
    const config = { text: sql, name, values: columnValues(parameters), types: CONVERTERS };
    const query = new pg.Query({ ...config, queryMode: "extended" } as pg.QueryConfig);
    const driven = query as unknown as DriverQuery;
    driven.callback = (error, answer) => {
      if (error) this.#failure ??= { error };
      else this.#answers.push(answer as Answer);
    };
    return driven;
  }

  /** The driver keeps in mind under this name what it has had parsed: answers come in order, so it is that of the one it waits for. */
  get name(): string | undefined {
    return this.#queries[this.#done]?.name;
  }

  get text(): string {
    return this.#queries[this.#done]?.text ?? "";
  }

  submit(connection: pg.Connection): null {
    // Each query would end its step by itself.
    const together = Object.create(connection, { sync: { value: () => undefined } }) as DriverConnection;
    connection.stream.cork();
    try {
      for (const query of this.#queries) {
        const error = query.submit(together);
        if (error) this.#failure ??= { error };
        // What comes behind one that was not sent must not be done.
        if (this.#failure) break;
      }
    } finally {
      connection.sync();
      connection.stream.uncork();
    }
    return null;
  }

  handleRowDescription(message: unknown): void {
    this.#queries[this.#done]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#queries[this.#done]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: DriverConnection): void {
    this.#queries[this.#done]?.handleCommandComplete(message, connection);
    this.#done += 1;
  }

  handleEmptyQuery(): void {
    this.#done += 1;
  }

  /** Nothing is copied here; the server takes this for an error of the statement. */
  handleCopyInResponse(connection: DriverConnection): void {
    connection.sendCopyFail("nothing is copied");
  }

  handleCopyData(): void {}

  handleError(error: unknown, connection: DriverConnection): void {
    // These were skipped: nobody has parsed them.
    for (const { name } of this.#queries.slice(this.#done + 1))
      if (name !== undefined) delete connection.submittedNamedStatements[name];
    this.callback(this.#failure?.error ?? error);
  }

  handleReadyForQuery(connection: DriverConnection): void {
    if (!this.#failure) for (const query of this.#queries) query.handleReadyForQuery(connection);
    this.callback(this.#failure?.error);
  }
}
