// mingo's query with the operators of queries and no more: the whole of mingo is 300 files, which every start would load.
import { Context } from "mingo/core";
import * as operators from "mingo/operators/query";
import { Query as MingoQuery } from "mingo/query";

const context = Context.init({ query: operators });

/** A condition of MongoDB's, without `$expr`. @throws Error for an operator that it does not know */
export class Query extends MingoQuery {
  constructor(condition: object) {
    super(condition as ConstructorParameters<typeof MingoQuery>[0], { context });
  }
}
