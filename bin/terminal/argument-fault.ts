// What is wrong with a command line, in one sentence.
import { toError } from "../../lib/errors.ts";

/** Node's own words begin well and end with advice about "--" that does not fit npm. @param thrown by `parseArgs` */
export function faultOfArguments(thrown: unknown): string {
  return (toError(thrown).message.split(". ")[0] ?? "").replaceAll("\n", " ").replace(/\.$/, "");
}
