// Whether the server has frozen this machine, as it said last. Kept in a file where there is one, so that it holds over restarts.
import { z } from "zod";
import { readSecretFile, writeSecretFile } from "../../lib/secret-file.ts";

const kept = z.object({ frozen: z.boolean(), changed_at: z.number() });
type Told = z.infer<typeof kept>;

export class ServerFreeze {
  readonly #path: string | undefined;
  #last: Told = { frozen: false, changed_at: 0 };

  /** @param path what cannot be read there counts as never told: the server says it again with each connection */
  constructor(path?: string) {
    this.#path = path;
    try {
      this.#last = kept.parse(JSON.parse((path && readSecretFile(path)) || "null"));
    } catch {
      // Never told.
    }
  }

  get isFrozen(): boolean {
    return this.#last.frozen;
  }

  /**
   * What is older than what is known changes nothing: two hubs may speak at once.
   * @returns whether it is frozen by this
   */
  told({ frozen, changed_at }: Told): boolean {
    if (changed_at <= this.#last.changed_at) return false;
    this.#last = { frozen, changed_at };
    try {
      if (this.#path !== undefined) writeSecretFile(this.#path, JSON.stringify(this.#last));
    } catch {
      // The disk does not take it: it holds until the next start, and then the server says it again.
    }
    return frozen;
  }
}
