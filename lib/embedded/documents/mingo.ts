// The door to mingo, for what our own code does not answer itself. It is loaded when it is needed for the first time, which in most
// processes is never, and no more of it than queries and updates: the whole is 300 files, which every start would load.
import { createRequire } from "node:module";
import type { Query } from "mingo/query";

type Core = typeof import("mingo/core");
type Operators = typeof import("mingo/operators/query");
type Queries = typeof import("mingo/query");
type Updater = typeof import("mingo/updater");

const require = createRequire(import.meta.url);

/** A condition of MongoDB's, without `$expr`. @throws Error for an operator that it does not know */
export function queryOf(condition: object): Query {
  const { Context } = require("mingo/core") as Core;
  const { Query } = require("mingo/query") as Queries;
  const context = Context.init({ query: require("mingo/operators/query") as Operators });
  return new Query(condition as ConstructorParameters<typeof Query>[0], { context });
}

/** Changes the object by an update of MongoDB's, any of its operators. */
export function updateInPlace(object: Record<string, unknown>, update: object): void {
  const updater = require("mingo/updater") as Updater;
  updater.update(object, update as Parameters<Updater["update"]>[1]);
}
