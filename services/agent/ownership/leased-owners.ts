// Ownership among many processes: each has a document with a counter that it beats, and watches those of the others. Clocks of machines
// are never compared: a counter is looked at for ten seconds of the looker's own monotonic clock, and whoever could not beat for
// eight of its own has stopped by then. Beside the runs, because without that store there is no journal anyway.
import { isType, toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { CollectionSpec, Documents } from "../../../lib/ports/documents.ts";
import type { Owners } from "../context.ts";

export type OwnerDocument = { _id: string; kind: "agent"; beats: number };

export const OWNERS: CollectionSpec = { name: "owners", indexes: [{ name: "all", fields: ["kind"] }] };

/** How often a process beats, and how often it looks, in milliseconds: whoever died is followed within 15 s. */
const BEAT_MS = 2_000;
const LOOK_MS = 1_000;
/** How often it asks itself whether it has its lease still: a beat that gets no answer must not keep it from that. */
const CHECK_MS = 500;
/** A process that could not beat for so long stops working. */
export const HELD_MS = 8_000;
/** A counter that has not changed for so long is that of a dead process. */
export const GONE_MS = 10_000;
/** Between two looks that count as one watch: a looker that was itself paused or cut off for longer has seen nothing. */
export const WATCH_MS = BEAT_MS + 3_000;
/** The document of a dead process is removed after this. */
const FORGOTTEN_MS = 3_600_000;
const MOST_OWNERS = 1_000;

type Options = { me: string; documents: Documents<OwnerDocument>; log: Log; clock?: () => number };
type Seen = { beats: number | undefined; since: number };

export class LeasedOwners implements Owners {
  readonly isAlone = false;
  readonly #me: string;
  readonly #documents: Documents<OwnerDocument>;
  readonly #log: Log;
  readonly #clock: () => number;
  /** What was seen of each other owner, and since when that has not changed; without a document there are no beats. */
  readonly #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #beatAt = Number.NEGATIVE_INFINITY;
  #isHeld = false;
  #onLost: () => void = () => undefined;
  #isBeating = false;
  #isLooking = false;
  readonly #timers: NodeJS.Timeout[] = [];

  /** @param clock monotonic milliseconds */
  constructor({ me, documents, log, clock = () => performance.now() }: Options) {
    this.#me = me;
    this.#documents = documents;
    this.#log = log;
    this.#clock = clock;
  }

  /** @throws store_unavailable: a process that cannot beat must not begin */
  async start(onLost: () => void): Promise<void> {
    this.#onLost = onLost;
    await this.beat();
    this.#timers.push(
      setInterval(() => this.check(), CHECK_MS).unref(),
      setInterval(() => void this.#beatAgain(), BEAT_MS).unref(),
      setInterval(() => void this.#lookAgain(), LOOK_MS).unref(),
    );
    void this.look();
  }

  /** In order: what this process still owns then is anybody's at once. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.#documents.remove(this.#me).catch((thrown: unknown) => {
      this.#log.warn({ err: toError(thrown) }, "the lease could not be given back; it ends by itself");
    });
  }

  isHeld(): boolean {
    this.check();
    return this.#isHeld;
  }

  isGone(owner: string): boolean {
    const now = this.#clock();
    if (owner === this.#me || now - this.#lookedAt > WATCH_MS) return false;
    const seen = this.#seen.get(owner);
    // Somebody of whom nothing is known yet: watched from now on.
    if (!seen) this.#seen.set(owner, { beats: undefined, since: now });
    return seen !== undefined && this.#lookedAt - seen.since >= GONE_MS;
  }

  /** Says once when the lease is lost. */
  check(): void {
    if (!this.#isHeld || this.#clock() - this.#beatAt <= HELD_MS) return;
    this.#isHeld = false;
    this.#log.warn("this process could not say for 8 s that it lives: it lets go of its runs");
    this.#onLost();
  }

  /** @throws store_unavailable */
  async beat(): Promise<void> {
    const askedAt = this.#clock();
    const beaten = await this.#documents.compareAndSet(this.#me, {}, { $inc: { beats: 1 } });
    if (!beaten) await this.#enter();
    this.#beatAt = askedAt;
    // The answer may have come too late: then it counts for the next eight seconds only if those have not passed.
    this.check();
    this.#isHeld = this.#clock() - askedAt <= HELD_MS;
  }

  /** Never throws: what cannot be read has not been seen. */
  async look(): Promise<void> {
    const all = { index: "all", equals: { kind: "agent" }, limit: MOST_OWNERS };
    const found = await this.#documents.list(all).catch(() => undefined);
    if (!found) return;
    const now = this.#clock();
    // Paused, or cut off: nobody knows what the others did meanwhile.
    if (now - this.#lookedAt > WATCH_MS) this.#seen.clear();
    this.#lookedAt = now;
    const beats = new Map(found.map((owner) => [owner._id, owner.beats]));
    for (const owner of new Set([...beats.keys(), ...this.#seen.keys()]))
      this.#note(owner, beats.get(owner), now);
  }

  #note(owner: string, beats: number | undefined, now: number): void {
    const seen = this.#seen.get(owner);
    if (!seen || seen.beats !== beats) this.#seen.set(owner, { beats, since: now });
    else if (now - seen.since > FORGOTTEN_MS && owner !== this.#me) this.#forget(owner, beats);
  }

  #forget(owner: string, beats: number | undefined): void {
    this.#seen.delete(owner);
    if (beats !== undefined) void this.#documents.remove(owner).catch(() => undefined);
  }

  async #enter(): Promise<void> {
    try {
      await this.#documents.insert({ _id: this.#me, kind: "agent", beats: 1 });
    } catch (thrown) {
      // An insert of before whose answer was lost.
      if (!isType(thrown, "duplicate_key")) throw thrown;
    }
  }

  async #beatAgain(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    await this.beat().catch((thrown: unknown) =>
      this.#log.warn({ err: toError(thrown) }, "this process could not say that it lives; it tries again"),
    );
    this.#isBeating = false;
  }

  async #lookAgain(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.look();
    this.#isLooking = false;
  }
}
