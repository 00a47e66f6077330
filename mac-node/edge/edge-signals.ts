// The signals of a Mac: what its calls print goes to the hub that has asked for them. Nothing is heard here.
import { LRUCache } from "lru-cache";
import type { Listening, Signals } from "../../lib/ports/signals.ts";

const OUTPUT = "output.";
const MOST_CALLS = 10_000;

export class EdgeSignals implements Signals {
  /** By call: the hub that has asked for it last. */
  readonly #hubs = new LRUCache<string, string>({ max: MOST_CALLS });
  readonly #say: (hub: string, data: unknown) => void;

  constructor(say: (hub: string, data: unknown) => void) {
    this.#say = say;
  }

  asked(hub: string, callId: string): void {
    this.#hubs.set(callId, hub);
  }

  publish(subject: string, data: unknown): void {
    const call_id = subject.startsWith(OUTPUT) ? subject.slice(OUTPUT.length) : "";
    const hub = this.#hubs.get(call_id);
    if (hub) this.#say(hub, { call_id, ...(data as object) });
  }

  subscribe(): Listening {
    return Object.assign(() => undefined, { ready: Promise.resolve() });
  }
}
