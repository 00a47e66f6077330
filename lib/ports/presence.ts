// The presence port: who is there now, by beats that have an end. In the cluster Redis, while that is away each process knows those
// who beat in it.

export interface Presence {
  /** The member is there for `ttlMs` from now at least. */
  beat(member: string, ttlMs: number): Promise<void>;
  /** Those who are there, each once, in no order. */
  members(): Promise<string[]>;
  count(): Promise<number>;
}
