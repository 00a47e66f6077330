// The configuration port: the one document of settings that are changed while everything runs, with its last values. In the cluster a
// key of NATS, in one process a file of the data folder.
import type { Listening } from "./signals.ts";

/** A value of the document; `revision` grows with each. */
export type StoredConfig = {
  revision: number;
  /** JSON as it was written, by whichever version of the program; undefined when it cannot be read as JSON. */
  document: unknown;
};

/** How many values are kept, the present one included. */
export const KEPT_CONFIGS = 64;

export interface ConfigStore {
  /** The present value, fresh from the store; undefined when there was never one. @throws store_unavailable */
  read(): Promise<StoredConfig | undefined>;
  /** The last values, newest first. @throws store_unavailable */
  history(): Promise<StoredConfig[]>;
  /**
   * Puts a value in the place of another.
   * @param replaces revision of the present value, 0 for none
   * @param document different from all others (it has an id), so that a write whose answer was lost is found again
   * @returns its revision, when it is durable
   * @throws conflict when another value is there; store_unavailable, after which it may have been written
   */
  write(replaces: number, document: object): Promise<number>;
  /**
   * Tells the present value, also that there is none, and then each that follows, whoever writes it; some may be left out, never the
   * last. `ready` settles once it has told.
   */
  watch(listener: (config: StoredConfig | undefined) => void): Listening;
}
