// The driver's client of a process, made anew where it does not come back. Once in some hundred deaths of a server, on a machine that had
// too much to do, its monitor was seen to look no more: the process had no MongoDB for as long as it lived, while all others had.
import type { Db, MongoClient } from "mongodb";
import type { Log } from "../../log.ts";
import { databaseOf } from "./mongo-url.ts";

/** Without a primary for so long, which is beyond what a restart or a change of primary takes, it is tried anew; then as often. */
const RENEW_MS = 20_000;
const LOOK_MS = 1_000;
/** What is asked of the former one has ended by then. */
const LAST_ASKS_MS = 10_000;

type Options = {
  url: string;
  /** Connects to nothing yet. */
  make: () => MongoClient;
  log?: Pick<Log, "info" | "warn"> | undefined;
  renewMs?: number | undefined;
};

export class LastingClient {
  readonly #options: Options;
  readonly #looking: NodeJS.Timeout;
  readonly #former = new Set<MongoClient>();
  #client: MongoClient;
  #db: Db;
  #isClosed = false;
  #hadPrimary: boolean | undefined;
  /** Since when there is no primary that can be reached, or it was last tried anew. */
  #lostAt: number | undefined;

  /** @throws Error in words when the URL cannot be used */
  constructor(options: Options) {
    this.#options = options;
    [this.#client, this.#db] = this.#made();
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  get client(): MongoClient {
    return this.#client;
  }

  get db(): Db {
    return this.#db;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#looking);
    await Promise.all([this.#client, ...this.#former].map((client) => client.close()));
  }

  #made(): [MongoClient, Db] {
    const client = this.#options.make();
    client.on("topologyDescriptionChanged", ({ newDescription }) => {
      if (client !== this.#client) return;
      this.#heard([...newDescription.servers.values()].some(({ isWritable }) => isWritable));
    });
    return [client, databaseOf(client, this.#options.url)];
  }

  #heard(hasPrimary: boolean): void {
    const { log } = this.#options;
    if (this.#hadPrimary === true && !hasPrimary) {
      this.#lostAt = performance.now();
      log?.warn("MongoDB has no primary that can be reached");
    }
    if (hasPrimary) this.#lostAt = undefined;
    if (this.#hadPrimary === false && hasPrimary) log?.info("MongoDB has a primary again");
    if (hasPrimary || this.#hadPrimary) this.#hadPrimary = hasPrimary;
  }

  #look(): void {
    const { renewMs = RENEW_MS } = this.#options;
    if (this.#lostAt === undefined || performance.now() - this.#lostAt < renewMs) return;
    this.#lostAt = performance.now();
    void this.#renew();
  }

  /** A server that is away comes back to the client that waits for it; only where another one reaches it that one is taken. */
  async #renew(): Promise<void> {
    const [client, db] = this.#made();
    try {
      await client.connect();
      await db.command({ ping: 1 });
    } catch {
      await client.close().catch(() => undefined);
      return;
    }
    if (this.#lostAt === undefined || this.#isClosed) return void client.close().catch(() => undefined);
    this.#options.log?.warn("MongoDB is reached over new connections: the former ones did not come back");
    const former = this.#client;
    [this.#client, this.#db] = [client, db];
    this.#heard(true);
    this.#former.add(former);
    setTimeout(() => {
      this.#former.delete(former);
      former.close().catch(() => undefined);
    }, LAST_ASKS_MS).unref();
  }
}
