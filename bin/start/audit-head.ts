// Says the end of the audit trail every hour: kept with the logs, it shows later what was cut off (G31).
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";

const EVERY_MS = 3_600_000;

/** @returns how to stop */
export function sayAuditHead(
  head: () => Promise<AuditHead>,
  log: Log,
  everyMs: number = EVERY_MS,
): () => void {
  const say = () =>
    head().then(
      (audit) => log.info({ audit }, "audit trail"),
      (thrown: unknown) => log.warn({ err: toError(thrown) }, "the end of the audit trail cannot be read"),
    );
  const timer = setInterval(say, everyMs).unref();
  return () => clearInterval(timer);
}
