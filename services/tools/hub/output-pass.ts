// What calls on Macs print while they run, passed on to whoever watches: of calls that run on that Mac only, in bounded pieces, and not
// more of one call than an honest Mac sends.
import { z } from "zod";
import type { NodeId } from "../../../contracts/ids.ts";
import type { Signals } from "../../../lib/ports/signals.ts";

/** Characters: a Mac sends a mebibyte of each call at most, and says then that there is more. */
const MOST_OF_A_CALL = 1_100_000;
const piece = z.object({
  call_id: z.string().max(100),
  stream: z.enum(["stdout", "stderr"]),
  text: z.string().max(100_000),
});

export class OutputPass {
  readonly #signals: Signals;
  readonly #open = new Map<string, { nodeId: string; left: number }>();

  constructor(signals: Signals) {
    this.#signals = signals;
  }

  /** The call runs on the Mac now. @returns how to say that it does not any more */
  begin(callId: string, nodeId: NodeId): () => void {
    const opened = { nodeId, left: MOST_OF_A_CALL };
    this.#open.set(callId, opened);
    return () => {
      if (this.#open.get(callId) === opened) this.#open.delete(callId);
    };
  }

  callsOn(nodeId: NodeId): number {
    return [...this.#open.values()].filter((call) => call.nodeId === nodeId).length;
  }

  /** @returns whether an honest Mac could have said it; what comes behind the end of its call is dropped without a word */
  pass(nodeId: NodeId, said: unknown): boolean {
    const parsed = piece.safeParse(said);
    if (!parsed.success) return false;
    const { call_id, stream, text } = parsed.data;
    const call = this.#open.get(call_id);
    if (!call) return true;
    if (call.nodeId !== nodeId) return false;
    call.left -= text.length;
    if (call.left < 0) return false;
    this.#signals.publish(`output.${call_id}`, { stream, text });
    return true;
  }

  /** Something for whoever watches the call, from us. */
  tell(callId: string, words: string): void {
    this.#signals.publish(`output.${callId}`, { stream: "stderr", text: `\n[MacJarvis] ${words}\n` });
  }
}
