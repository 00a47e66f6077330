// What a tool throws where nobody waits for it (a timer, an event, a promise without a catch) would end the whole process. Here
// it ends the call that it belongs to. Which one that is, Node carries along with everything a call starts.
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import { toError } from "../errors.ts";

/** What work belongs to. */
export type Scope = {
  /** A tool or a plugin, for the words about it. */
  what: string;
  /** Told of each stray error, perhaps long after the work is over. */
  end(error: Error): void;
};

const scopes = new AsyncLocalStorage<Scope>();

/** Does the work so that whatever it starts belongs to the scope. */
export function inScope<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}

/**
 * Makes stray errors the business of their scope, for the whole process; called once by the program that runs tools. An error
 * that belongs to nobody ends the process as before, and in a scope `process.exit` is an error.
 */
export function catchStrays(): void {
  process.on("uncaughtException", give);
  process.on("unhandledRejection", give);
  for (const name of ["exit", "abort"] as const) {
    const really = process[name].bind(process) as (...given: unknown[]) => never;
    // An `undefined` that is handed on would put 0 in the place of process.exitCode.
    process[name] = ((...given: unknown[]) => {
      if (scopes.getStore()) throw new Error("It tried to end the whole server, which a tool may not do.");
      return really(...given);
    }) as never;
  }
}

function give(thrown: unknown): void {
  const scope = scopes.getStore();
  if (scope) scope.end(toError(thrown));
  else {
    process.stderr.write(`${inspect(thrown)}\n`);
    process.exit(1);
  }
}
