// Queries of hot paths: built and compiled by Kysely once, run with new values after that.
import type { Compilable, CompiledQuery, Kysely } from "kysely";

/** Stands for a value while a query is compiled. */
class Placeholder {
  readonly place: number;

  constructor(place: number) {
    this.place = place;
  }
}

/**
 * @param build makes the query from placeholders that are typed as the values they stand for; called once
 * @returns a function that runs it and answers its rows
 */
export function prepared<Tables, Values extends unknown[], Row>(
  build: (db: Kysely<Tables>, ...values: Values) => Compilable<Row>,
): (db: Kysely<Tables>, ...values: Values) => Promise<Row[]> {
  let known: { query: CompiledQuery<Row>; parameters: readonly unknown[] } | undefined;
  return async (db, ...values) => {
    known ??= compile(db, build, values.length);
    const { query, parameters } = known;
    const given = parameters.map((value) => (value instanceof Placeholder ? values[value.place] : value));
    return (await db.executeQuery<Row>({ ...query, parameters: given })).rows;
  };
}

function compile<Tables, Values extends unknown[], Row>(
  db: Kysely<Tables>,
  build: (db: Kysely<Tables>, ...values: Values) => Compilable<Row>,
  count: number,
) {
  const placeholders = Array.from({ length: count }, (_, place) => new Placeholder(place));
  const query = build(db, ...(placeholders as unknown as Values)).compile();
  return { query, parameters: query.parameters };
}
