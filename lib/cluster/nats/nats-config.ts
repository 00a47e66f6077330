// The configuration port on a key of a NATS bucket, which keeps its last values. Its watch comes back by itself; besides, the key is
// looked at whenever NATS has come back and every few seconds, because what is only told can be lost.
import { setTimeout as pause } from "node:timers/promises";
import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  StorageType,
} from "@nats-io/jetstream";
import { type KV, type KvEntry, Kvm, type KvWatchEntry } from "@nats-io/kv";
import { AppError } from "../../errors.ts";
import { type ConfigStore, KEPT_CONFIGS, type StoredConfig } from "../../ports/config.ts";
import type { Listening } from "../../ports/signals.ts";
import { reportDefect } from "../../report-defect.ts";
import { natsFailure } from "./nats-errors.ts";
import type { Nats } from "./open-nats.ts";

export type NatsConfigOptions = {
  bucket?: string;
  /** Copies on servers of a NATS cluster: 1, 3 or 5. */
  replicas?: number;
  /** How often the key is looked at besides the watch. */
  lookMs?: number;
  /** Whether this process changes the settings, and with them how they are kept; others only read. */
  isWriter?: boolean;
};

const KEY = "settings";
const REQUEST_MS = 3_000;
/** A cluster that has just started has no leader yet. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;
const LOOK_MS = 5_000;

type Listener = (config: StoredConfig | undefined) => void;

/** Makes the bucket when it is missing; several processes may at once. @throws Error in words for whoever starts the process */
export async function openNatsConfig(nats: Nats, options: NatsConfigOptions = {}): Promise<NatsConfig> {
  const { bucket = "mj_config", replicas = 1, lookMs = LOOK_MS, isWriter = true } = options;
  const buckets = new Kvm(jetstream(nats.connection, { timeout: REQUEST_MS }));
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const kv = await buckets.create(bucket, {
        ...{ history: KEPT_CONFIGS, storage: StorageType.File, replicas },
        // Read from the leader only: a copy may be behind, and whoever reads is about to change.
        allow_direct: false,
      });
      if (isWriter) await copyTo(nats, kv, replicas);
      return new NatsConfig(nats, kv, lookMs);
    } catch (thrown) {
      if (performance.now() > until)
        throw new Error(
          `The configuration cannot be kept in NATS: ${natsFailure(thrown).message}. It needs JetStream (nats-server --jetstream), with the right to make the bucket "${bucket}".`,
          { cause: thrown },
        );
      await pause(PAUSE_MS);
    }
  }
}

/** A bucket that was made when there were fewer servers has as many copies as are wanted now. Never fewer than it had. */
async function copyTo(nats: Nats, kv: KV, replicas: number): Promise<void> {
  const { replicas: present, streamInfo } = await kv.status();
  if (present >= replicas) return;
  const manager = await jetstreamManager(nats.connection, { checkAPI: false, timeout: REQUEST_MS });
  await manager.streams.update(streamInfo.config.name, { num_replicas: replicas });
}

export class NatsConfig implements ConfigStore {
  readonly #nats: Nats;
  readonly #kv: KV;
  readonly #lookMs: number;
  readonly #watches = new Set<Watch>();

  constructor(nats: Nats, kv: KV, lookMs: number) {
    this.#nats = nats;
    this.#kv = kv;
    this.#lookMs = lookMs;
  }

  async read(): Promise<StoredConfig | undefined> {
    const entry = await this.#kv.get(KEY).catch(fail);
    return entry ? configOf(entry) : undefined;
  }

  async history(): Promise<StoredConfig[]> {
    const found: StoredConfig[] = [];
    try {
      for await (const entry of await this.#kv.history({ key: KEY })) {
        const config = configOf(entry);
        if (config) found.unshift(config);
      }
    } catch (thrown) {
      throw natsFailure(thrown);
    }
    return found;
  }

  async write(replaces: number, document: object): Promise<number> {
    const text = JSON.stringify(document);
    try {
      // `create` also writes over a key that somebody has removed.
      return await (replaces === 0
        ? this.#kv.create(KEY, text)
        : this.#kv.put(KEY, text, { previousSeq: replaces }));
    } catch (thrown) {
      const present = await this.read();
      if (present && JSON.stringify(present.document) === text) return present.revision;
      throw isOutdated(thrown) ? new AppError("conflict") : natsFailure(thrown);
    }
  }

  watch(listener: Listener): Listening {
    const watch = new Watch(this, this.#kv, listener);
    this.#watches.add(watch);
    const quiet = this.#nats.onReturn(() => void watch.look());
    const looking = setInterval(() => void watch.look(), this.#lookMs).unref();
    const end = () => {
      quiet();
      clearInterval(looking);
      this.#watches.delete(watch);
      watch.end();
    };
    const ready = watch.look();
    // Not everybody waits for it.
    ready.catch(() => undefined);
    return Object.assign(end, { ready });
  }

  /** Ends all watches. Safe to repeat. */
  close(): void {
    for (const watch of this.#watches) watch.end();
  }
}

/** What one listener was told, and what goes on telling it. */
class Watch {
  readonly #store: Pick<ConfigStore, "read">;
  readonly #kv: KV;
  readonly #listener: Listener;
  /** Revision that was told last; undefined before the first word. */
  #told: number | undefined;
  #entries: { stop(): void } | undefined;
  #isEnded = false;

  constructor(store: Pick<ConfigStore, "read">, kv: KV, listener: Listener) {
    this.#store = store;
    this.#kv = kv;
    this.#listener = listener;
    void this.#follow();
  }

  end(): void {
    this.#isEnded = true;
    this.#entries?.stop();
  }

  /** Reads the key. Only the first look has to succeed: without NATS the last value goes on. @throws store_unavailable */
  async look(): Promise<void> {
    const before = this.#told;
    try {
      const found = await this.#store.read();
      // What was told meanwhile is newer than what was read.
      if (this.#told === before) this.#tell(found);
    } catch (thrown) {
      if (before === undefined && this.#told === undefined) throw thrown;
    }
  }

  async #follow(): Promise<void> {
    while (!this.#isEnded) {
      try {
        const entries = await this.#kv.watch({ key: KEY });
        this.#entries = entries;
        if (this.#isEnded) return entries.stop();
        for await (const entry of entries) this.#tell(configOf(entry));
      } catch {
        // NATS is away, which is said elsewhere.
      }
      await pause(PAUSE_MS, undefined, { ref: false });
    }
  }

  #tell(config: StoredConfig | undefined): void {
    const revision = config?.revision ?? 0;
    if (this.#isEnded || revision === this.#told) return;
    this.#told = revision;
    try {
      this.#listener(config);
    } catch (thrown) {
      reportDefect(thrown);
    }
  }
}

/** Undefined for one that was removed. */
function configOf(entry: KvEntry | KvWatchEntry): StoredConfig | undefined {
  if (entry.operation !== "PUT") return undefined;
  return { revision: entry.revision, document: parsed(entry.string()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isOutdated(thrown: unknown): boolean {
  return (
    thrown instanceof JetStreamApiError &&
    (thrown.code === JetStreamApiCodes.StreamWrongLastSequence ||
      thrown.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}

function fail(thrown: unknown): never {
  throw natsFailure(thrown);
}
