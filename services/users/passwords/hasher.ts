// Password hashes, computed in a bounded pool of worker threads that is started by the first password (G17).
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Piscina } from "piscina";
import { AppError } from "../../../lib/errors.ts";
import { type Asker, FairLine } from "./fair-line.ts";
import type { HashTask } from "./hash-worker.ts";

/** How passwords are hashed; a test may take less of it. */
export type HashingSettings = {
  /** bcrypt's logarithmic cost. */
  cost: number;
  threads: number;
  /** Passwords that may wait for a thread. */
  maxQueue: number;
};

/** What a server uses. */
export const HASHING: HashingSettings = { cost: 12, threads: 2, maxQueue: 64 };
/** A thread costs 25 MB while it waits, and 40 ms to start. */
const IDLE_MS = 10_000;
/** What one hash at cost 12 takes, for telling callers when to come back. */
const HASH_MS = 250;
/** A third of what a request may take. */
const PATIENCE_MS = 10_000;

/** Hashes and compares passwords off the main thread, for one asker after the other. */
export class PasswordHasher {
  readonly #settings: HashingSettings;
  readonly #dummy: string;
  readonly #line: FairLine;
  #pool: Promise<Piscina> | undefined;
  #closed = false;

  constructor(settings: HashingSettings) {
    this.#settings = settings;
    const { threads, maxQueue } = settings;
    this.#line = new FairLine({ threads, maxWaiting: maxQueue, usualMs: HASH_MS, patienceMs: PATIENCE_MS });
    // The right form and cost, but the hash of nothing: what a password of nobody is compared with.
    this.#dummy = `$2b$${String(settings.cost).padStart(2, "0")}$${".".repeat(53)}`;
  }

  /** The hash to store. @throws hashing_busy when too many passwords wait */
  async hash(password: string, asker: Asker): Promise<string> {
    const { cost } = this.#settings;
    const hash = await this.#run({ type: "hash", input: condense(password), cost }, asker);
    return String(hash);
  }

  /**
   * Whether the password fits. Without a hash (no such user, no password set) it does not, after the same time.
   * @throws hashing_busy when too many passwords wait
   */
  async verify(password: string, hash: string | null, asker: Asker): Promise<boolean> {
    const task = { type: "compare", input: condense(password), hash: hash ?? this.#dummy } as const;
    const fits = await this.#run(task, asker);
    return fits === true && hash !== null;
  }

  /** Ends the threads; hashes under way are refused with `shutting_down`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#line.empty(shuttingDown);
    await (await this.#pool)?.destroy();
  }

  async #run(task: HashTask, asker: Asker): Promise<string | boolean> {
    if (this.#closed) throw shuttingDown();
    try {
      return await this.#line.run(asker, async () => {
        this.#pool ??= openPool(this.#settings.threads);
        return (await (await this.#pool).run(task)) as string | boolean;
      });
    } catch (error: unknown) {
      throw this.#closed ? shuttingDown() : error;
    }
  }
}

const shuttingDown = () => new AppError("shutting_down", "The server is shutting down. Try again soon.");

/**
 * What bcrypt is given: 44 characters without NUL, made of the whole password. bcrypt itself reads 72 bytes and stops at
 * NUL. An HMAC of our own rather than a bare SHA-256, so that leaked SHA-256 lists cannot be tried against it. NFC first: one
 * password typed on two keyboards is one password.
 */
function condense(password: string): string {
  return createHmac("sha256", "macjarvis password v1")
    .update(password.normalize("NFC"), "utf16le")
    .digest("base64");
}

async function openPool(threads: number): Promise<Piscina> {
  const { Piscina } = await import("piscina");
  return new Piscina({
    filename: fileURLToPath(new URL("./hash-worker.ts", import.meta.url)),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MS,
    // The threads need neither the environment's secrets nor the flags of this process.
    env: {},
    execArgv: [],
    // A hash needs next to nothing; V8 would give each thread as much as a server.
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
  });
}
