// Signals between processes: a NATS subject each, under a prefix. All hear them over the server, the process that sent one as well,
// so that everybody hears those of one sender in the same order.
import type { Subscription } from "nats";
import type { Listening, Signals } from "../../ports/signals.ts";
import { reportDefect } from "../../report-defect.ts";
import { storeUnavailable } from "./nats-errors.ts";
import type { Nats } from "./open-nats.ts";
import { subjectOf } from "./subject.ts";

type Listener = (data: unknown) => void;

type Options = {
  /** Stands before every subject. */
  prefix?: string;
  /** Told what a listener threw, what cannot be sent, and what the server refuses. */
  report?: (thrown: unknown) => void;
};

export type NatsSignals = Signals & {
  /** Ends all listening. Safe to repeat. */
  close(): void;
};

/** How long `ready` waits while NATS is away. */
const READY_MS = 5_000;

export function natsSignals(
  nats: Nats,
  { prefix = "mj.signal", report = reportDefect }: Options = {},
): NatsSignals {
  const groups = new Map<string, Group>();
  const groupOf = (subject: string): Group => {
    const known = groups.get(subject);
    if (known) return known;
    const made = new Group(nats, subject, report, () => groups.delete(subject));
    groups.set(subject, made);
    return made;
  };
  return {
    publish(subject, data) {
      try {
        const bytes = Buffer.from(JSON.stringify(data) ?? "null");
        if (bytes.length > nats.maxPayload)
          throw new Error(`the signal ${subject} has ${bytes.length} bytes; NATS takes ${nats.maxPayload}`);
        nats.publish(subjectOf(prefix, subject), bytes);
      } catch (thrown) {
        report(thrown);
      }
    },
    subscribe(subject, listener) {
      if (nats.isClosed)
        return listening(() => undefined, Promise.reject(storeUnavailable("it is shutting down")));
      const group = groupOf(subjectOf(prefix, subject));
      // Its own, so that the same function can listen twice and stop once.
      const mine: Listener = (data) => listener(data);
      group.listeners.add(mine);
      return listening(() => group.leave(mine), group.ready());
    },
    close() {
      for (const group of groups.values()) group.end();
    },
  };
}

/** All who listen to one subject: they share one subscription. */
class Group {
  readonly listeners = new Set<Listener>();
  readonly #nats: Nats;
  readonly #subject: string;
  readonly #subscription: Subscription;
  readonly #report: (thrown: unknown) => void;
  readonly #ended: () => void;
  #refused: Error | undefined;

  constructor(nats: Nats, subject: string, report: (thrown: unknown) => void, ended: () => void) {
    this.#nats = nats;
    this.#subject = subject;
    this.#report = report;
    this.#ended = ended;
    this.#subscription = nats.connection.subscribe(subject, {
      callback: (error, message) => (error ? this.#refuse(error) : this.#hear(() => message.json())),
    });
  }

  /** @throws store_unavailable when it takes too long: the listening goes on, and hears when NATS is back */
  async ready(): Promise<void> {
    await this.#nats.settled(READY_MS);
    if (this.#refused) throw storeUnavailable(`NATS refuses to let ${this.#subject} be heard`, this.#refused);
  }

  leave(listener: Listener): void {
    if (this.listeners.delete(listener) && this.listeners.size === 0) this.end();
  }

  end(): void {
    this.listeners.clear();
    this.#ended();
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  /** Throws nothing: the library's reader would end at it, and with it the whole connection. */
  #hear(read: () => unknown): void {
    try {
      const data = read();
      for (const listener of [...this.listeners]) this.#tell(listener, data);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #tell(listener: Listener, data: unknown): void {
    try {
      listener(data);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  /** The credentials do not allow it. Whoever listens again asks again. */
  #refuse(error: Error): void {
    this.#refused = error;
    this.#ended();
    this.#report(error);
  }
}

function listening(quiet: () => void, ready: Promise<void>): Listening {
  // Not everybody waits for it.
  ready.catch(() => undefined);
  return Object.assign(quiet, { ready });
}
