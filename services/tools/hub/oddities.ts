// What no honest Mac says, in the audit trail: the first time at once, then how often, once a minute; else one Mac could fill the disk.
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { Log } from "../../../lib/log.ts";
import type { AuditTrail } from "../../../lib/ports/audit.ts";

const EVERY_MS = 60_000;
/** Kinds of oddities kept at once: of more only the log tells. */
const MOST = 1_000;
const NOBODY = "" as UserId;

export class Oddities {
  readonly #trail: AuditTrail;
  readonly #log: Log;
  /** By Mac and what it said: how often since it was written down last. */
  readonly #counts = new Map<string, { nodeId: NodeId; what: string; times: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(trail: AuditTrail, log: Log) {
    this.#trail = trail;
    this.#log = log;
    this.#timer = setInterval(() => this.#writeCounts(), EVERY_MS).unref();
  }

  note(nodeId: NodeId, what: string): void {
    const key = `${nodeId} ${what}`;
    const known = this.#counts.get(key);
    if (known) {
      known.times += 1;
      return;
    }
    if (this.#counts.size >= MOST) return;
    this.#counts.set(key, { nodeId, what, times: 0 });
    this.#log.warn({ node_id: nodeId, what }, "a Mac said something that no honest one says: it was dropped");
    this.#write(nodeId, what, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#writeCounts();
  }

  #writeCounts(): void {
    for (const [key, { nodeId, what, times }] of this.#counts) {
      if (times > 0) this.#write(nodeId, what, times);
      this.#counts.delete(key);
    }
  }

  #write(nodeId: NodeId, what: string, times: number): void {
    this.#trail
      .append({
        ...{ subject: nodeId, entry: `node.refused ${newId("event")}`, user_id: NOBODY },
        details: { what, times },
      })
      .catch((thrown: unknown) =>
        this.#log.error({ err: toError(thrown), node_id: nodeId }, "what a Mac said is not audited"),
      );
  }
}
