// The program of a Mac as a process of its own, which can be killed, frozen and started again on the same folder.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "../../../bin/node.ts");

export class MacProcess {
  readonly #folder: string;
  readonly #home: string;
  readonly #flags: string[];
  #child: ChildProcess;
  #said = "";

  /** @param flags for Node */
  constructor(folder: string, home: string, flags: string[] = []) {
    this.#folder = folder;
    this.#home = home;
    this.#flags = flags;
    this.#child = this.#start();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What its owner has read so far. */
  get said(): string {
    return this.#said;
  }

  /** As when the power fails. */
  async kill(): Promise<void> {
    if (!this.isThere) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** As when the lid is closed: it stands still, with its connections. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** In order, or not at all where it was killed before. */
  async stop(): Promise<void> {
    if (!this.isThere) return;
    this.thaw();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }

  /** @param env more of its environment */
  restart(env: Record<string, string> = {}): void {
    if (this.isThere) throw new Error("the Mac's program runs still");
    this.#child = this.#start(env);
  }

  get isThere(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #start(env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [...this.#flags, PROGRAM, "serve"], {
      env: {
        ...{ PATH: process.env.PATH, HOME: this.#home, MACJARVIS_NODE_HOME: this.#folder, LOG_LEVEL: "info" },
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (piece: Buffer) => {
        this.#said += piece.toString();
      });
    return child;
  }
}
