// Which requests of others this process has begun and not answered. Who leaves in order tells it, so that the others know of what they
// had asked besides that it was never begun: it may be asked again elsewhere, and is no "nobody knows".
import type { Transit, Transporters } from "moleculer";
import { left } from "./refusals.ts";

type Packet = Parameters<InstanceType<typeof Transporters.Base>["publish"]>[0];

export class OpenRequests {
  readonly #begun = new Set<string>();

  heard(cmd: string, { payload }: Packet): void {
    if (cmd === "REQ") this.#begun.add(String(payload?.id));
  }

  /** An answer has left this process. One that waits for NATS to come back, or is lost with it, is none yet. */
  answered({ payload }: Packet): void {
    this.#begun.delete(String(payload.id));
  }

  /** Said last of all. */
  leaves({ payload }: Packet): void {
    payload.unanswered = [...this.#begun];
  }
}

/** Of a process that leaves: what it has not begun is refused as such, before all else that waits for it is given up. */
export function refuseUnbegun(transit: InstanceType<typeof Transit>, { payload }: Packet): void {
  if (!Array.isArray(payload?.unanswered)) return;
  const unanswered = new Set(payload.unanswered);
  for (const [id, { nodeID, reject }] of transit.pendingRequests) {
    if (nodeID !== payload.sender || unanswered.has(id)) continue;
    transit.removePendingRequest(id);
    reject(left());
  }
}
