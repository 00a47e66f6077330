// Keeps the claims of the edge account in nats-server as the registry says: pushed at once after each change, and looked at every
// minute and when nats-server is there again: it may have lost what it kept. Each process does; none can undo another's for long, because
// whoever has pushed reads the registry once more.
import { setTimeout as wait } from "node:timers/promises";
import { within } from "../../../lib/cluster/within.ts";
import type { EdgeClaims } from "../../../lib/edge/keys/claims.ts";
import { type Revoked, sayTheSame } from "../../../lib/edge/keys/edge-signer.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";

type Given = {
  /** @throws Error in words when nats-server is away */
  open(): Promise<Pick<EdgeClaims, "pushClaims" | "readClaims" | "onReturn" | "close">>;
  read(): Promise<Revoked[]>;
  sign(revoked: Revoked[]): Promise<string>;
  log: Pick<Log, "warn" | "info">;
  /** Milliseconds between two looks. */
  everyMs?: number;
};

const EVERY_MS = 60_000;
/** After what failed; each wait is twice the one before, up to `everyMs`. */
const FIRST_WAIT_MS = 1_000;
const STOP_MS = 2_000;

export class ClaimsKeeper {
  readonly #given: Given;
  readonly #everyMs: number;
  readonly #stopped = new AbortController();
  #claims: ReturnType<Given["open"]> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #failures = 0;
  #wake: (() => void) | undefined;
  #watching: Promise<void> | undefined;

  constructor(given: Given) {
    this.#given = given;
    this.#everyMs = given.everyMs ?? EVERY_MS;
  }

  /** Looks now and again until `stop`. */
  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake?.();
    const end = async () => {
      await this.#watching;
      await this.#running;
      const claims = await this.#claims?.catch(() => undefined);
      await claims?.close();
    };
    // One that does not answer may take longer; it is left to itself then.
    await within(STOP_MS, end(), undefined);
  }

  /**
   * Makes nats-server know what the registry says now. Many at once share a push.
   * @returns whether it does; if not it is tried again, soon
   */
  async push(): Promise<boolean> {
    this.#queued ??= this.#inTurn(() => {
      this.#queued = undefined;
      return this.#push();
    });
    try {
      await this.#queued;
      return true;
    } catch {
      return false;
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#inTurn(() => this.#look()).catch(() => undefined);
      const ms =
        this.#failures === 0
          ? this.#everyMs * (0.9 + Math.random() / 5)
          : Math.min(this.#everyMs, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([wait(ms, undefined, { signal, ref: false }).catch(() => undefined), woken]);
    }
  }

  /** One after the other. What fails is told once, and looked at again soon. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#running.then(work).then(
      () => {
        if (this.#failures > 0) this.#given.log.info("the edge knows again which Macs are revoked");
        this.#failures = 0;
      },
      (thrown: unknown) => {
        this.#failures += 1;
        if (this.#failures === 1) {
          const words = "which Macs are revoked cannot be told to the edge; it is tried again";
          this.#given.log.warn({ err: toError(thrown) }, words);
          this.#wake?.();
        }
        throw thrown;
      },
    );
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #look(): Promise<void> {
    const claims = await this.#open();
    const [has, wanted] = [await claims.readClaims(), await this.#given.sign(await this.#given.read())];
    if (has === undefined || !sayTheSame(has, wanted)) await this.#push();
  }

  /** Another process may push what it has read before a change, after who made that change has pushed: it reads once more, too. */
  async #push(): Promise<void> {
    const claims = await this.#open();
    let revoked = await this.#given.read();
    for (;;) {
      await claims.pushClaims(await this.#given.sign(revoked));
      const now = await this.#given.read();
      if (JSON.stringify(now) === JSON.stringify(revoked)) return;
      revoked = now;
    }
  }

  #open(): ReturnType<Given["open"]> {
    if (this.#stopped.signal.aborted) throw new Error("it is shutting down");
    this.#claims ??= this.#begin();
    return this.#claims;
  }

  async #begin(): ReturnType<Given["open"]> {
    try {
      const claims = await this.#given.open();
      claims.onReturn(() => this.#wake?.());
      return claims;
    } catch (thrown) {
      this.#claims = undefined;
      throw thrown;
    }
  }
}
