// One process of ours, kept running: its output in a log file, started again when it ends though nobody has asked it to.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "../start.ts";
import type { Member } from "./members.ts";
import { type Guard, startGuard } from "./servers/guard.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** As `npm start` gives them (package.json), with more for young objects: those of hundreds of streams go through one process. */
const FLAGS = ["--max-semi-space-size=16", "-r", "./bin/start/take-code-cache.cjs"];
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** Of what it said last, for whoever asks why it did not start. */
const LAST_LINES = 12;

type Options = {
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** Told when it has ended by itself, and when it runs again. */
  onChange: (what: "ended" | "again", said: string) => void;
};

export class KeptProcess {
  readonly member: Member;
  readonly logFile: string;
  readonly #options: Options;
  readonly #guard: Guard = startGuard("", "SIGTERM");
  #child: ChildProcess | undefined;
  #isStopping = false;
  #last: string[] = [];
  /** Of a gateway, once it has said so. */
  url = "";

  constructor(member: Member, options: Options) {
    this.member = member;
    this.logFile = options.logFile;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it runs, and keeps it running from then on. @throws Error with its last words when it ends before that */
  async start(): Promise<void> {
    const child = await this.#startOnce();
    void this.#keep(child);
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      // Whoever was paused by hand could not hear it.
      child.kill("SIGCONT");
      await ended;
    }
    this.#guard.end();
  }

  async #startOnce(): Promise<ChildProcess> {
    const child = this.#spawn();
    const { promise: started, resolve, reject } = Promise.withResolvers<void>();
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const keep = (words: string) => {
      this.#last = [...this.#last, words].slice(-LAST_LINES);
    };
    lines.on("line", keep);
    child.once("message", ({ url }: Running) => {
      this.url = url;
      resolve();
    });
    child.stderr?.on("data", (words: Buffer) => keep(words.toString().trimEnd()));
    child.once("close", () => reject(new Error(this.#last.join("\n"))));
    await started;
    return child;
  }

  #spawn(): ChildProcess {
    const { member, logFile } = this;
    this.#last = [];
    const child = spawn(process.execPath, [...FLAGS, "bin/start.ts"], {
      cwd: ROOT,
      env: { ...this.#options.env, ...member.env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A Ctrl-C comes to it from here, when it is its turn.
      detached: true,
    });
    const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.once("close", () => log.end());
    this.#child = child;
    this.#guard.watch(child.pid);
    child.once("exit", () => this.#guard.watch(undefined));
    return child;
  }

  async #keep(first: ChildProcess): Promise<void> {
    for (let child = first; ; ) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      if (this.#isStopping) return;
      this.#options.onChange("ended", String(child.signalCode ?? child.exitCode));
      const again = await this.#restarted();
      if (!again) return;
      this.#options.onChange("again", String(again.pid));
      child = again;
    }
  }

  async #restarted(): Promise<ChildProcess | undefined> {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      await sleep(delayMs);
      if (this.#isStopping) return undefined;
      try {
        return await this.#startOnce();
      } catch {
        // Said in its log; a server that is away may be back by the next time.
      }
    }
  }
}
