// The signals port: short messages to whoever listens now, lost when nobody does (output of a call, "look again").
// In process an emitter; in the cluster a NATS subject, where one can be lost on the way as well: who waits for one also looks.

/** Ends the listening. */
export type Listening = (() => void) & {
  /**
   * Answers when everything that is published from then on is heard; before that it may be lost. Need not be waited for.
   * @throws store_unavailable when that is not so in a few seconds; the listening goes on, and hears as soon as it can
   */
  readonly ready: Promise<void>;
};

/** Names of subjects have dots (`run.<id>`); a listener hears exactly the subject it names. */
export interface Signals {
  /** @param data JSON; not to be changed afterwards, by whoever sends or hears it */
  publish(subject: string, data: unknown): void;
  /** A listener that throws keeps nobody else from hearing, and the publisher from nothing. */
  subscribe(subject: string, listener: (data: unknown) => void): Listening;
}
