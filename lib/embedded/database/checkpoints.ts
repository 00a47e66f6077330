// Keeps the log short: once it is long its pages are copied into the database file by a thread of their own, while everything
// goes on; only to begin the log anew do the writers wait for a moment. Readers and the event loop never do.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CheckpointAnswer, CheckpointTask } from "./checkpoint-worker.ts";

/** A log of this length is folded into the database; it grows by as much again where a reader keeps it from being begun anew. */
const LONG_LOG = 16 * 1024 * 1024;
/** The file keeps its length unless it is so many times as long as usual: a reader has kept it from being begun anew, or a rush. */
const LONG_FOLDS = 2;
/** The thread costs memory; it ends when it has had nothing to do. */
const IDLE_MS = 30_000;

/** Keeps writers waiting until it is called. */
export type Resume = () => void;

type Options = {
  path: string;
  /** Answers once nobody writes and all that is committed is durable. @throws when the store is away */
  pause: () => Promise<Resume>;
  /** Bytes of the log that are in use. */
  logBytes: () => number;
  longLog?: number | undefined;
};

export class Checkpoints {
  readonly #path: string;
  readonly #pause: Options["pause"];
  readonly #logBytes: Options["logBytes"];
  readonly #longLog: number;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Bytes of the log from which on it is to be folded next: asked after each commit. */
  dueAt: number;
  /** How often the log was begun anew. */
  restarts = 0;
  /** What the last one failed with; undefined when it went well. */
  failure: string | undefined;

  constructor({ path, pause, logBytes, longLog = LONG_LOG }: Options) {
    this.#path = path;
    this.#pause = pause;
    this.#logBytes = logBytes;
    this.#longLog = longLog;
    this.dueAt = longLog;
  }

  /** Folds the log, which has so many bytes, unless that is under way. */
  begin(logBytes: number): void {
    if (this.#running) return;
    this.dueAt = logBytes + this.#longLog;
    this.#running = this.#fold().finally(() => {
      this.#running = undefined;
    });
  }

  /** Ends the thread, behind what it does now. Answers when its connection is closed. */
  async stop(): Promise<void> {
    await this.#running;
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    if (!worker) return;
    worker.ref();
    const gone = once(worker, "exit");
    worker.postMessage("close");
    await gone;
  }

  async #fold(): Promise<void> {
    clearTimeout(this.#idle);
    try {
      await this.#ask("copy");
      const resume = await this.#pause();
      try {
        // As long as it has become meanwhile.
        const isLong = this.#logBytes() > this.#longLog * LONG_FOLDS;
        if (!(await this.#ask(isLong ? "truncate" : "restart"))) return;
        this.restarts += 1;
        this.dueAt = this.#longLog;
      } finally {
        resume();
      }
      this.failure = undefined;
    } catch (thrown) {
      // Nothing is lost: it is in the log, which is folded the next time.
      this.failure = (thrown as Error).message;
    } finally {
      this.#idle = setTimeout(() => void this.stop(), IDLE_MS).unref();
    }
  }

  /** @returns whether it could be done in full */
  #ask(task: CheckpointTask): Promise<boolean> {
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      const finish = () => {
        worker.off("message", take);
        worker.off("error", fail);
        worker.off("exit", end);
      };
      const take = (answer: CheckpointAnswer) => {
        finish();
        if ("failed" in answer) reject(new Error(answer.failed));
        else resolve(answer.done);
      };
      const fail = (error: Error) => {
        finish();
        this.#worker = undefined;
        reject(error);
      };
      const end = () => fail(new Error("the thread ended"));
      worker.on("message", take).on("error", fail).on("exit", end);
      worker.postMessage(task);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    this.#worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), {
      workerData: this.#path,
      // Flags of the process are about its own first file.
      execArgv: [],
    });
    // It keeps no process alive.
    this.#worker.unref();
    return this.#worker;
  }
}
