// What comes with the outcome of a call on a Mac: the end of that Mac's own record. It has to be signed, and to lie behind what was known
// when the call was sent; what does not fit is told (docs/audit.md).
import type { NodeId } from "../../../contracts/ids.ts";
import type { ChainPart, KeptHead, NodeHead } from "../../../contracts/node-chain.ts";
import type { CallOutcome } from "../../../contracts/tools.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";

type Given = {
  keep(node_id: NodeId, head: NodeHead): Promise<KeptHead>;
  distrust(node_id: NodeId, why: string): Promise<unknown>;
  /** Asks the Mac for one entry of its record. */
  entry(node_id: NodeId, seq: number): Promise<ChainPart>;
  odd(node_id: NodeId, what: string): void;
  log: Pick<Log, "warn">;
};

const NONE = "an outcome that is not in its record of calls";
const BACK = "its record of calls has gone back to what it was before";

export class Heads {
  readonly #given: Given;
  /** The newest entry that this process has heard of, by Mac. */
  readonly #last = new Map<NodeId, number>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** To be asked before a call is sent: whatever it becomes stands behind it. */
  last(node_id: NodeId): number {
    return this.#last.get(node_id) ?? 0;
  }

  /**
   * The outcome with its head, or without one that is not believed. Never throws: what was done is done.
   * @param sentAfter what `last` said when the call was sent
   */
  async check(node_id: NodeId, outcome: CallOutcome, sentAfter: number): Promise<CallOutcome> {
    const { node_head, ...rest } = outcome;
    if (!node_head) {
      if (outcome.status === "done") this.#given.odd(node_id, NONE);
      return rest;
    }
    try {
      const why = await this.#fault(node_id, node_head, sentAfter);
      if (why === undefined) return outcome;
      this.#given.odd(node_id, why);
      return rest;
    } catch (thrown) {
      this.#given.log.warn({ err: toError(thrown), node_id }, "the head of a Mac's record is not kept");
      return outcome;
    }
  }

  async #fault(node_id: NodeId, head: NodeHead, sentAfter: number): Promise<string | undefined> {
    const kept = await this.#given.keep(node_id, head);
    if (kept.state === "refused") return kept.why;
    const newest = kept.state === "kept" ? head.seq : kept.last.seq;
    this.#last.set(node_id, Math.max(this.last(node_id), newest));
    // Calls that run at once may be heard of in another order, and one that was asked for again answers with what it had become.
    if (kept.state === "kept" || head.seq > sentAfter) return undefined;
    const { entries } = await this.#given.entry(node_id, kept.last.seq);
    if (entries[0]?.seq === kept.last.seq && entries[0].hash === kept.last.hash) return undefined;
    await this.#given.distrust(node_id, BACK);
    return BACK;
  }
}
