// What a person reads when something fails: the server's own words where it said something.
import { ApiError, NotMacJarvis, NotReached } from "../../lib/client/api-error.ts";
import { SHELL } from "../texts/shell.ts";
import { moment } from "./format.ts";
import { refusedByServer, saidByServer } from "./server-words.ts";

/** Its message is for the person, as it is. */
export class Said extends Error {}

export function sayError(thrown: unknown): string {
  if (thrown instanceof NotReached) return SHELL.notReached();
  if (thrown instanceof NotMacJarvis) return SHELL.notOurs();
  if (thrown instanceof Said) return thrown.message;
  if (!(thrown instanceof ApiError))
    return SHELL.odd({ what: String((thrown as Error | null)?.message ?? thrown) });
  const faults = thrown.faults.map(({ path, message }) => `${path} ${saidByServer(message)}`);
  const words = faults.length > 0 ? faults.join("; ") : refusedByServer(thrown.code, thrown.message);
  const isLimit = thrown.status === 429 && thrown.retryAfterMs !== undefined;
  return isLimit
    ? `${words} ${SHELL.resets({ when: moment(Date.now() + (thrown.retryAfterMs ?? 0)) })}`
    : words;
}
