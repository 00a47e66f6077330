// What is thrown where nobody can catch it, a defect of ours: it must be seen and must not take the process.
import { toError } from "./errors.ts";

export function reportDefect(thrown: unknown): void {
  const { name, message, stack } = toError(thrown);
  process.emitWarning(message, { type: name, ...(stack === undefined ? {} : { detail: stack }) });
}
