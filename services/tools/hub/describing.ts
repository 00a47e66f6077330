// When Macs are asked what they can do: when they come, and when they say that it has changed; one that says so all the time is asked
// now and again.
type Given = {
  /** The process that is dealt with, and how often it has told of itself; undefined for one that is not there. */
  look(nodeId: string): { instance: string; seq: number } | undefined;
  /** Asks it, and keeps its answer. */
  describe(nodeId: string, instance: string): Promise<void>;
  failed(nodeId: string, thrown: unknown): void;
};

const AGAIN_MS = 1_000;

export class Describing {
  readonly #given: Given;
  /** By Mac: what it was asked for last; kept while it may be asked again. */
  readonly #asked = new Map<string, { instance: string; seq: number; isWaiting: boolean }>();
  #isStopped = false;

  constructor(given: Given) {
    this.#given = given;
  }

  /** It has come, or told of itself again. */
  heard(nodeId: string): void {
    const now = this.#given.look(nodeId);
    const known = this.#asked.get(nodeId);
    if (!now || known?.isWaiting || this.#isStopped) return;
    if (known?.instance === now.instance && known.seq >= now.seq) return;
    const asked = { ...now, isWaiting: true };
    this.#asked.set(nodeId, asked);
    this.#given
      .describe(nodeId, now.instance)
      .catch((thrown: unknown) => {
        asked.seq = -1;
        this.#given.failed(nodeId, thrown);
      })
      .finally(() => {
        setTimeout(() => {
          asked.isWaiting = false;
          this.heard(nodeId);
        }, AGAIN_MS).unref();
      });
  }

  /** Nobody is asked any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** It is gone: when it comes again it is asked again. */
  forget(nodeId: string): void {
    this.#asked.delete(nodeId);
  }
}
