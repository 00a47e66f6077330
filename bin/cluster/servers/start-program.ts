// Starts a server program on a free port with data in a temporary or a given folder, and is the same LocalServer for all of them.
// What is particular to each is a Program: postgres.ts, redis.ts, nats.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { freePort, isFree } from "./free-port.ts";
import { type Guard, startGuard } from "./guard.ts";
import type { LocalServer } from "./local-server.ts";
import type { Owner } from "./owner.ts";
import { familyOf, isAlive, isStopped, signalEach } from "./process-family.ts";
import { untilTrue } from "./until-true.ts";

/** Where one server is. */
export type Place = { port: number; folder: string };

export type Program = {
  name: string;
  version: string;
  file: string;
  args(place: Place): string[];
  /** Its environment; this process's own unless given. */
  env?: Record<string, string>;
  url(place: Place): string;
  /** Before the first start; once more where a given folder is used again. */
  prepare?(place: Place): Promise<void>;
  /** Whether it serves now. */
  serves(place: Place): Promise<boolean>;
  /** Ends it in order, in a moment, whatever is connected. */
  endsBy: NodeJS.Signals;
  owner?: Owner;
  /** What its death has left outside of its folder. */
  cleanUp?(place: Place): Promise<void>;
};

export type Where = {
  /** Its data, kept at `stop` and found again by the next one that is given it, which then has the same port; else a temporary one. */
  keptIn?: string | undefined;
  /** Of its port, which is then this one or none. */
  port?: number | undefined;
  /** Told each line that it says, which is then in no file. */
  onLine?: ((line: string) => void) | undefined;
  /** Told when it has ended after it served, and we have not ended it. One that does not come to serve is what `restart` throws. */
  onDeath?: (() => void) | undefined;
};

const MOST_TRIES = 3;
const LAST_LINES = 20;
/** Longer than any of them takes for its end. */
const PATIENCE_MS = 10_000;

/** @throws with the end of what it logged when it does not start */
export async function startProgram(program: Program & Where): Promise<LocalServer> {
  for (let tries = 1; ; tries += 1) {
    const server = await prepared(program);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      // Somebody else was quicker to listen on its port.
      if (tries === MOST_TRIES || program.port !== undefined || !isPortTaken(error)) throw error;
    }
  }
}

/** Whether that is why it did not start. */
export const isPortTaken = (thrown: unknown) => /address already in use|EADDRINUSE/i.test(String(thrown));

async function prepared(program: Program & Where): Promise<RunningProgram> {
  const { keptIn } = program;
  const folder = keptIn ?? (await mkdtemp(join(tmpdir(), `macjarvis-${program.name}-`)));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const guard = startGuard(keptIn === undefined ? folder : "", program.endsBy);
  const port = program.port ?? (await (keptIn === undefined ? freePort() : usualPort(folder)));
  const place = { folder, port };
  try {
    if (program.owner) await chown(folder, program.owner.uid, program.owner.gid);
    await program.prepare?.(place);
  } catch (error) {
    guard.end();
    throw error;
  }
  return new RunningProgram(program, place, guard);
}

/** The port on which the data were served before, so that addresses which people have noted stay right. */
async function usualPort(folder: string): Promise<number> {
  const file = join(folder, "port");
  const before = Number(await readFile(file, "utf8").catch(() => ""));
  if (before > 0 && (await isFree(before))) return before;
  const port = await freePort();
  await writeFile(file, `${port}\n`);
  return port;
}

class RunningProgram implements LocalServer {
  readonly #program: Program & Where;
  readonly #place: Place;
  readonly #guard: Guard;
  #child: ChildProcess | undefined;
  /** It serves, and we have not begun to end it. */
  #isExpected = false;
  /** What it said last, where that is in no file. */
  #last: string[] = [];

  constructor(program: Program & Where, place: Place, guard: Guard) {
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
    await untilTrue(`${this.#program.name} serves`, async () => {
      const serves = this.#child === child && (await this.#program.serves(this.#place));
      if (this.#child !== child)
        throw new Error(`${this.#program.name} did not start:\n${await this.#log()}`);
      return serves;
    });
    this.#isExpected = true;
  }

  async stop(): Promise<void> {
    await this.#end();
    await this.#program.cleanUp?.(this.#place);
    if (this.#program.keptIn === undefined) await rm(this.folder, { recursive: true, force: true });
    this.#guard.end();
  }

  async kill(): Promise<void> {
    const family = await this.#freeze();
    this.#isExpected = false;
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
    this.#isExpected = false;
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
      await untilTrue(`${this.#program.name} stands still`, () => all.every(isStopped));
    }
    return family;
  }

  async #gone(family: number[]): Promise<void> {
    await untilTrue(`${this.#program.name} has ended`, () => !this.#child && !family.some(isAlive));
  }

  async #spawn(): Promise<ChildProcess> {
    const { onLine } = this.#program;
    const log = onLine ? undefined : await open(join(this.folder, "log"), "a");
    const child = spawn(this.#program.file, this.#program.args(this.#place), {
      cwd: this.folder,
      ...(this.#program.env ? { env: this.#program.env } : {}),
      stdio: log ? ["ignore", log.fd, log.fd] : ["ignore", "pipe", "pipe"],
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
      if (this.#isExpected) this.#program.onDeath?.();
      this.#isExpected = false;
    };
    // Not at its exit where it is listened to: what it said last may come after that.
    child.once(onLine ? "close" : "exit", ended);
    child.once("error", ended);
    child.unref();
    await log?.close();
    if (onLine) for (const stream of [child.stdout, child.stderr]) this.#follow(stream, onLine);
    return child;
  }

  #follow(stream: Readable | null, onLine: (line: string) => void): void {
    if (!stream) return;
    createInterface({ input: stream }).on("line", (line) => {
      this.#last = [...this.#last, line].slice(-LAST_LINES);
      onLine(line);
    });
  }

  async #log(): Promise<string> {
    if (this.#program.onLine) return this.#last.join("\n");
    const said = await readFile(join(this.folder, "log"), "utf8");
    return said.split("\n").slice(-LAST_LINES).join("\n");
  }
}
