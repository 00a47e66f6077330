// The stream that captures what is written of runs and passes it on to the readers once it is stored: made by
// the first process that opens it, and brought up to date by those that write.
import { setTimeout as pause } from "node:timers/promises";
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "nats";
import type { RunId } from "../../../../contracts/ids.ts";
import { toError } from "../../../errors.ts";
import { natsFailure } from "../nats-errors.ts";
import type { Nats } from "../open-nats.ts";
import { tokenOf } from "../subject.ts";

export type StreamOptions = {
  /** Name of the stream. */
  stream?: string;
  /** Stands before the subjects. */
  prefix?: string;
  /** Copies on servers of a NATS cluster: 1, 3 or 5. */
  replicas?: number;
  /** Events are removed after their run's end; this is for runs that never end. */
  maxAgeMs?: number;
  /** Beyond them nothing is written any more; what is there stays. */
  maxBytes?: number;
  /** Whether this process writes runs, and so cares for the stream as well; others only read what is there. */
  isWriter?: boolean;
};

const DAY_MS = 86_400_000;
const REQUEST_MS = 3_000;
/** A cluster that has just started has no leader yet. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;
/** How long ids of messages are remembered. */
const DUPLICATES_MS = 120_000;

export class RunStream {
  readonly name: string;
  readonly manager: JetStreamManager;
  /** Written to by `ready`, and kept to one message. */
  readonly probeSubject: string;
  readonly #config: StreamConfig;
  readonly #prefix: string;
  readonly #isWriter: boolean;

  private constructor(
    manager: JetStreamManager,
    config: StreamConfig,
    { prefix, isWriter }: { prefix: string; isWriter: boolean },
  ) {
    this.manager = manager;
    this.#isWriter = isWriter;
    this.name = config.name;
    this.probeSubject = `${prefix}.probe`;
    this.#config = config;
    this.#prefix = prefix;
  }

  /** @throws Error in words for a person when it cannot be made */
  static async open(nats: Nats, options: StreamOptions): Promise<RunStream> {
    const { prefix = "mj", isWriter = true } = options;
    const manager = await jetstreamManager(nats.connection, { checkAPI: false, timeout: REQUEST_MS });
    const stream = new RunStream(manager, configOf(options, prefix), { prefix, isWriter });
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await stream.make();
        return stream;
      } catch (thrown) {
        if (!isPassing(thrown) || performance.now() > until) throw problem(thrown, stream.name);
        await pause(PAUSE_MS);
      }
    }
  }

  /** Makes it, or brings it up to date where this process writes; safe to repeat, and from several processes. */
  async make(): Promise<void> {
    try {
      await this.manager.streams.add(this.#config);
    } catch (thrown) {
      if (!(thrown instanceof JetStreamApiError) || thrown.code !== IN_USE) throw thrown;
      const { config } = await this.manager.streams.info(this.name);
      requireKnownForm(Number(config.metadata?.[FORM_KEY] ?? FORM));
      if (this.#isWriter) await this.manager.streams.update(this.name, this.#config);
    }
  }

  /** What is written of a run. */
  subjectOf(run: RunId): string {
    return `${this.#prefix}.run.${tokenOf(run)}`;
  }

  /** What is stored of a run, as it is stored. */
  liveSubjectOf(run: RunId): string {
    return `${this.#prefix}.live.${tokenOf(run)}`;
  }

  /** Of all runs. */
  get subjects(): string {
    return `${this.#prefix}.run.*`;
  }

  runOf(subject: string): RunId {
    return decodeURIComponent(subject.slice(this.#prefix.length + ".run.".length)) as RunId;
  }
}

/** The name is taken by a stream with another configuration. */
const IN_USE = 10_058;
const OVERLAP = 10_065;

/** Counted up when an older program can no longer work with what this one stores. */
const FORM = 1;
const FORM_KEY = "macjarvis-form";

class NewerForm extends Error {}

function requireKnownForm(form: number): void {
  if (form > FORM)
    throw new NewerForm(
      `NATS (NATS_URL): the events of runs were written by a newer MacJarvis (form ${form}, and this one knows ${FORM}). Update MacJarvis.`,
    );
}

function configOf(options: StreamOptions, prefix: string): StreamConfig {
  const { stream = "RUNS", replicas = 1, maxAgeMs = 30 * DAY_MS, maxBytes = -1 } = options;
  return {
    name: stream,
    subjects: [`${prefix}.run.*`, `${prefix}.probe`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // Full, it refuses what is new: to remove what is old would tear holes into runs.
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes,
    duplicate_window: nanos(DUPLICATES_MS),
    allow_direct: true,
    metadata: { [FORM_KEY]: String(FORM) } as Record<string, string>,
    // For the probe, which is kept to one message.
    allow_rollup_hdrs: true,
    republish: { src: `${prefix}.run.*`, dest: `${prefix}.live.{{wildcard(1)}}` },
  } as StreamConfig;
}

/** No leader yet, or no answer in time. */
function isPassing(thrown: unknown): boolean {
  if (thrown instanceof JetStreamApiError) return thrown.status === 503 && thrown.code !== OVERLAP;
  return ["TimeoutError", "RequestError"].includes(toError(thrown).name);
}

function problem(thrown: unknown, name: string): Error {
  if (thrown instanceof NewerForm) return thrown;
  if (toError(thrown).name === "JetStreamNotEnabled" || codeOf(thrown) === 10_039)
    return new Error(
      "NATS runs without JetStream, which keeps the events of runs. Start nats-server with -js, or with jetstream {} in its configuration.",
      { cause: thrown },
    );
  if (codeOf(thrown) === OVERLAP)
    return new Error(
      `NATS has a stream other than ${name} with the same subjects. Remove it, or give the two installations accounts of their own.`,
      { cause: thrown },
    );
  if (thrown instanceof JetStreamApiError)
    return new Error(
      `The stream ${name} for the events of runs cannot be made: NATS says "${thrown.message}".`,
      { cause: thrown },
    );
  return natsFailure(thrown);
}

const codeOf = (thrown: unknown) => (thrown instanceof JetStreamApiError ? thrown.code : undefined);
