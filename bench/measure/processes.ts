// Starts the programs of a benchmark, each in its own process group and on its own core, and ends them all by process id,
// also on Ctrl-C.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Ready } from "./announce.ts";

export const ROOT = join(import.meta.dirname, "..", "..");

/** `system`: what is measured; `load`: client and upstream; `any`: not pinned. */
export type Core = "system" | "load" | "any";

export type Started = {
  pid: number;
  child: ChildProcess;
  /** All it printed so far; the last 64 KB. */
  output(): string;
  /** Answers when it has ended. */
  ended: Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Linux: pins a program to cores. */
const TASKSET = "taskset";
const OUTPUT_BYTES = 65_536;
const running = new Set<Started>();

/** Whether systems and load have cores of their own. Where they have not, CPU seconds still hold but latencies are noisy. */
export const isPinned = availableParallelism() > 1 && spawnSync(TASKSET, ["-V"]).status === 0;

/** @param command program and arguments; `env` is the whole environment but for PATH and HOME */
export function start(command: string[], core: Core, env: Record<string, string> = {}): Started {
  const [program = "", ...args] = [...pinning(core), ...command];
  const child = spawn(program, args, {
    cwd: ROOT,
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  const keep = (piece: Buffer) => {
    output = (output + piece.toString()).slice(-OUTPUT_BYTES);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      keep(Buffer.from(String(error)));
      resolve();
    });
  });
  const started: Started = {
    pid: child.pid ?? 0,
    child,
    output: () => output,
    ended,
    async stop(signal = "SIGTERM") {
      signalGroup(started, signal);
      const hard = setTimeout(() => signalGroup(started, "SIGKILL"), 10_000);
      await ended;
      clearTimeout(hard);
    },
  };
  running.add(started);
  void ended.then(() => {
    // The program may have left children in its group.
    signalGroup(started, "SIGKILL");
    running.delete(started);
  });
  return started;
}

/** Starts one of our own programs in `bench/` and waits for its port. @throws Error with what it printed when it ends first */
export async function startProgram(
  file: string,
  args: string[],
  core: Core,
): Promise<Started & { port: number }> {
  const started = start([process.execPath, join(ROOT, "bench", file), ...args], core);
  const port = await new Promise<number>((resolve, reject) => {
    started.child.once("message", (message: Ready) => resolve(message.port));
    void started.ended.then(() => reject(new Error(`${file} ended:\n${started.output()}`)));
  });
  return { ...started, port };
}

/** Kills everything that still runs. For the way out, also the sudden one. */
export function killAll(): void {
  for (const started of running) signalGroup(started, "SIGKILL");
}

/** The first core is the system's, the others are the load's. */
function pinning(core: Core): string[] {
  if (!isPinned || core === "any") return [];
  return [TASKSET, "-c", core === "system" ? "0" : `1-${availableParallelism() - 1}`];
}

function signalGroup({ pid }: Started, signal: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
