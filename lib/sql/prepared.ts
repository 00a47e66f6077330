// Queries of hot paths: built and compiled by Kysely once, run with new values after that.
import type { Compilable, CompiledQuery, Kysely } from "kysely";

/** Stands for a value while a query is compiled. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * @param names of the values; one that is missing here reaches the query as `undefined`, which Kysely refuses or leaves out
 * @param build makes the query from placeholders that are typed as the values they stand for; called once
 * @returns a function that runs it and answers its rows
 */
export function prepared<Tables, Values extends object, Row>(
  names: (keyof Values & string)[],
  build: (db: Kysely<Tables>, values: Values) => Compilable<Row>,
): (db: Kysely<Tables>, values: Values) => Promise<Row[]> {
  const placeholders = Object.fromEntries(names.map((name) => [name, new Placeholder(name)]));
  let query: CompiledQuery<Row> | undefined;
  return async (db, values) => {
    query ??= build(db, placeholders as Values).compile();
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
