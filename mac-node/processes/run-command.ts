// Runs one command: no shell, its own process group, bounded output, and nothing of it left when it is over.
// Called by the tool context of a call (calls/tool-context.ts) with argv that the sandbox has wrapped already.
import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { CommandResult } from "../../contracts/tools.ts";
import { toError } from "../../lib/errors.ts";
import { Capture } from "./capture.ts";
import { askTreeToEnd, killTree } from "./end-tree.ts";
import { pace } from "./pace.ts";
import { FILTER_DESCRIPTOR } from "./sandbox-descriptors.ts";
import { ended, sandboxOf } from "./sandbox-end.ts";

export type Command = {
  argv: string[];
  /** What is said to be started, where `argv` begins with helpers of ours. */
  program?: string;
  cwd: string;
  env: Record<string, string>;
  input: string;
  /** What it reads from FILTER_DESCRIPTOR: the sandbox takes it, nothing else should be there. */
  filter?: Buffer | undefined;
  /** How its descendants are known; it is in `env` too. */
  marker: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Milliseconds between asking it to end (TERM) and ending it (KILL), asked when it is to end; two seconds unless given. */
  graceMs?: () => number;
  /** The sandbox ends with its first process, so its descendants need not be looked for. */
  contained: boolean;
  /** Gets what it prints, as it prints it. @returns whether it wants more */
  live?: (stream: "stdout" | "stderr", text: string) => boolean;
  /** Takes out of each of its streams what nobody may see, before anything else is done with it. */
  mask?: (() => { push(chunk: Buffer): Buffer; end(): Buffer }) | undefined;
  /** Told once, when it runs. */
  started?: (pid: number) => void;
};

/**
 * Ends when the command has ended, never throws for what the command does: one that cannot start is exit code 127.
 * Aborting the signal or the time-out end the whole tree: TERM, and KILL a little later.
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  if (command.signal.aborted) return notStarted("It was cancelled before it began.");
  const { program = command.argv[0] ?? "" } = command;
  const child = start(command);
  if (typeof child === "string") return notStarted(`${program} cannot be started: ${child}`);
  const sandbox = command.filter ? sandboxOf(child) : undefined;
  const stdout = collect(child, "stdout", command);
  const stderr = collect(child, "stderr", command);
  const problem = await begun(child);
  if (problem !== undefined || child.pid === undefined)
    return notStarted(`${program} cannot be started: ${problem}`);
  command.started?.(child.pid);
  feed(child, command.input);
  const ender = endOnTime(child.pid, command);
  const { code, signal } = await exited(child);
  ender.clear();
  // What it left behind would hold its streams open, and would outlive the call.
  await killTree(child.pid, command.contained ? [] : [command.marker]);
  // The sandbox's own process ends before the kernel has ended all that ran in it.
  await sandbox?.then(ended);
  await closed(child);
  return {
    exit_code: code,
    signal,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated || stderr.truncated,
    timed_out: ender.timedOut(),
  };
}

const KILL_AFTER_MS = 2_000;

/** The child, or why there is none: Node refuses some arguments (a zero byte, more than the system takes) at once. */
function start({ argv: [program = "", ...args], cwd, env, input, filter }: Command): ChildProcess | string {
  // Without input there is no pipe: bash takes one for a network connection and reads .bashrc.
  const stdin = input === "" ? "ignore" : "pipe";
  try {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: [stdin, "pipe", "pipe", ...(filter ? (["pipe", "pipe"] as const) : [])],
    });
    if (filter) hand(child, filter);
    return child;
  } catch (thrown) {
    return whyNot(toError(thrown));
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "no such program or working directory",
  EACCES: "it may not be run",
  E2BIG: "its arguments are longer than the system takes",
  EAGAIN: "the system can start no more processes now",
  ENOMEM: "the system has no memory for it now",
};

function whyNot(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ""] ?? error.message;
}

function hand(child: ChildProcess, filter: Buffer): void {
  const descriptor = child.stdio[FILTER_DESCRIPTOR];
  if (!(descriptor instanceof Writable)) return;
  // A sandbox that ends before it has read it says itself why.
  descriptor.on("error", () => {});
  descriptor.end(filter);
}

function notStarted(why: string): CommandResult {
  return { exit_code: 127, signal: null, stdout: "", stderr: why, truncated: false, timed_out: false };
}

function collect(
  child: ChildProcess,
  stream: "stdout" | "stderr",
  { live, mask }: Command,
): { text(): string; truncated: boolean } {
  const capture = new Capture();
  const decoder = new StringDecoder("utf8");
  const masked = mask?.();
  let listener = live;
  const take = (chunk: Buffer) => {
    capture.add(chunk);
    // To read a flood as text takes most of a processor, so only what is shown is.
    const text = listener ? decoder.write(chunk) : "";
    if (text !== "" && listener?.(stream, text) === false) listener = undefined;
  };
  child[stream]?.on("data", (chunk: Buffer) => take(masked?.push(chunk) ?? chunk));
  if (child[stream]) pace(child[stream]);
  return {
    /** To be called once, when nothing comes any more. */
    text() {
      if (masked) take(masked.end());
      return capture.text();
    },
    get truncated() {
      return capture.truncated;
    },
  };
}

/** Undefined once it runs, else why it does not. */
function begun(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(undefined));
    child.once("error", (error) => resolve(whyNot(error)));
  });
}

function feed(child: ChildProcess, input: string): void {
  // A command may end before it has read its input (EPIPE); that is its business.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
}

function endOnTime(pid: number, command: Command): { clear(): void; timedOut(): boolean } {
  const markers = command.contained ? [] : [command.marker];
  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    if (killing) return;
    killing = setTimeout(() => void killTree(pid, markers), command.graceMs?.() ?? KILL_AFTER_MS);
    void askTreeToEnd(pid, markers);
  };
  const timer = setTimeout(
    () => {
      timedOut = true;
      end();
    },
    Math.max(1, command.timeoutMs),
  );
  command.signal.addEventListener("abort", end);
  if (command.signal.aborted) end();
  return {
    clear() {
      clearTimeout(timer);
      clearTimeout(killing);
      command.signal.removeEventListener("abort", end);
    },
    timedOut: () => timedOut,
  };
}

function exited(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
}

/** How long streams may stay open after the last process that we know of has ended. */
const CLOSE_LIMIT_MS = 1_000;

/** Waits until all it printed is read; a stream that somebody else holds open is let go. */
function closed(child: ChildProcess): Promise<void> {
  const open = [child.stdout, child.stderr].filter((stream) => stream && !stream.closed);
  if (open.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const stream of open) stream?.destroy();
    }, CLOSE_LIMIT_MS);
    child.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
