// The signals port: short messages to whoever listens now, lost when nobody does (output of a call, "look again").
// In process an emitter; in the cluster a NATS subject.

export interface Signals {
  publish(subject: string, data: unknown): void;
  /** Answers how to stop listening. */
  subscribe(subject: string, listener: (data: unknown) => void): () => void;
}
