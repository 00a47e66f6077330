// Starts a server program on a free port with data in a temporary folder, and is the same TestServer for all of them. What is
// particular to each is a Program: postgres.ts, redis.ts, nats.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../wait-for.ts";
import { freePort } from "./free-port.ts";
import { type Guard, startGuard } from "./guard.ts";
import type { Owner } from "./owner.ts";
import { familyOf, isAlive, isStopped, signalEach } from "./process-family.ts";
import type { TestServer } from "./test-server.ts";

/** Where one server is. */
export type Place = { port: number; folder: string };

export type Program = {
  name: string;
  version: string;
  file: string;
  args(place: Place): string[];
  url(place: Place): string;
  /** Once, before the first start. */
  prepare?(place: Place): Promise<void>;
  /** Whether it serves now. */
  serves(place: Place): Promise<boolean>;
  /** Ends it in order, in a moment, whatever is connected. */
  endsBy: NodeJS.Signals;
  owner?: Owner;
  /** What its death has left outside of its folder. */
  cleanUp?(place: Place): Promise<void>;
};

const MOST_TRIES = 3;
/** Longer than any of them takes for its end. */
const PATIENCE_MS = 10_000;

/** @throws with the end of what it logged when it does not start */
export async function startProgram(program: Program): Promise<TestServer> {
  for (let tries = 1; ; tries += 1) {
    const server = await prepared(program);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      // Somebody else was quicker to listen on its port.
      if (tries === MOST_TRIES || !/address already in use|EADDRINUSE/i.test(String(error))) throw error;
    }
  }
}

async function prepared(program: Program): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), `macjarvis-${program.name}-`));
  const guard = startGuard(folder, program.endsBy);
  const place = { folder, port: await freePort() };
  try {
    if (program.owner) await chown(folder, program.owner.uid, program.owner.gid);
    await program.prepare?.(place);
  } catch (error) {
    guard.end();
    throw error;
  }
  return new RunningProgram(program, place, guard);
}

class RunningProgram implements TestServer {
  readonly #program: Program;
  readonly #place: Place;
  readonly #guard: Guard;
  #child: ChildProcess | undefined;

  constructor(program: Program, place: Place, guard: Guard) {
    this.#program = program;
    this.#place = place;
    this.#guard = guard;
  }

  get url(): string {
    return this.#program.url(this.#place);
  }

  get port(): number {
    return this.#place.port;
  }

  get folder(): string {
    return this.#place.folder;
  }

  get version(): string {
    return this.#program.version;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.#program.name} does not run`);
    return this.#child.pid;
  }

  async restart(): Promise<void> {
    await this.#end();
    const child = await this.#spawn();
    await waitFor(`${this.#program.name} serves`, async () => {
      if (this.#child !== child)
        throw new Error(`${this.#program.name} did not start:\n${await this.#log()}`);
      return this.#program.serves(this.#place);
    });
  }

  async stop(): Promise<void> {
    await this.#end();
    await this.#program.cleanUp?.(this.#place);
    await rm(this.folder, { recursive: true, force: true });
    this.#guard.end();
  }

  async kill(): Promise<void> {
    const family = await this.#freeze();
    signalEach(family, "SIGKILL");
    await this.#gone(family);
  }

  async pause(): Promise<void> {
    await this.#freeze();
  }

  resume(): void {
    signalEach(familyOf(this.pid), "SIGCONT");
  }

  async #end(): Promise<void> {
    if (!this.#child) return;
    const family = familyOf(this.pid);
    signalEach(family, "SIGCONT");
    signalEach([this.pid], this.#program.endsBy);
    const late = setTimeout(() => signalEach(family, "SIGKILL"), PATIENCE_MS);
    await this.#gone(family);
    clearTimeout(late);
  }

  /** Stops all its processes, also those that began while others were being stopped: who stands still begins none. */
  async #freeze(): Promise<number[]> {
    let family = familyOf(this.pid);
    for (let known = 0; family.length !== known; family = familyOf(this.pid)) {
      known = family.length;
      const all = family;
      signalEach(all, "SIGSTOP");
      await waitFor(`${this.#program.name} stands still`, () => all.every(isStopped));
    }
    return family;
  }

  async #gone(family: number[]): Promise<void> {
    await waitFor(`${this.#program.name} has ended`, () => !this.#child && !family.some(isAlive));
  }

  async #spawn(): Promise<ChildProcess> {
    const log = await open(join(this.folder, "log"), "a");
    const child = spawn(this.#program.file, this.#program.args(this.#place), {
      cwd: this.folder,
      stdio: ["ignore", log.fd, log.fd],
      // A Ctrl-C for the tests comes to it by its guard.
      detached: true,
      ...this.#program.owner,
    });
    this.#child = child;
    this.#guard.watch(child.pid);
    const ended = () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#guard.watch(undefined);
    };
    child.once("exit", ended);
    child.once("error", ended);
    child.unref();
    await log.close();
    return child;
  }

  async #log(): Promise<string> {
    const said = await readFile(join(this.folder, "log"), "utf8");
    return said.split("\n").slice(-20).join("\n");
  }
}
