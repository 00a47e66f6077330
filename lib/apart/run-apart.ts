// Work on what strangers made (documents, pictures) in a process of its own: it cannot hold up the server, may take only so much
// memory, is ended at once when the call is, and has no rights to files but those that are handed to it open. Used by tools.
import { type ChildProcess, fork } from "node:child_process";
import { realpath } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tailOf } from "../cut-text.ts";
import { ToolFailure } from "../tools/tool-failure.ts";
import { residentMemory } from "./resident-memory.ts";
import { Turns } from "./turns.ts";

/** What a process is started for. */
export type ApartWork = {
  /** File of the module that calls `serveApart`. */
  module: URL;
  /** What it is given; anything that can be cloned (https://nodejs.org/api/child_process.html#advanced-serialization). */
  task: unknown;
  /** Open files that it reads or writes: in the process they are `firstDescriptor` and those that follow. */
  descriptors: number[];
  signal: AbortSignal;
  /** Epoch milliseconds; it is ended a moment before, so that there is time to say so. */
  deadlineAt: number;
  /** It loads native code (`*.node`), which the process must be allowed. */
  native?: boolean;
  /** What all of the process may take; 1,200 unless said. */
  memoryMb?: number;
};

/** What a process says when it is done. */
export type ApartReply = { ok: true; answer: unknown } | { ok: false; code: string; message: string };

/** Of its JavaScript objects, and of all with buffers, WebAssembly and native code, which Node does not limit. */
const OBJECTS_MB = 512;
const MEMORY_MB = 1_200;
/** How often that is looked at, milliseconds. */
const LOOK_MS = 200;
/** Before the deadline, milliseconds. */
const RESERVE_MS = 1_000;
const STDERR_KEPT = 4_000;
const ROOT = join(import.meta.dirname, "..", "..");
const turns = new Turns(Math.max(2, Math.min(4, availableParallelism())));

/**
 * Does the work in a process, a few at a time; more wait. The work itself is the caller's: it may run twice at once.
 * @throws ToolFailure with the code of the work's own failure, or `timed_out`, `too_large` (memory), `damaged` (it ended without
 * an answer); the reason of the signal when that was aborted
 */
export async function runApart<Answer>(work: ApartWork): Promise<Answer> {
  using _turn = await turns.take(work.signal);
  const child = await start(work);
  const reply = await ended(child, work);
  if (!reply.ok) throw new ToolFailure(reply.code, reply.message);
  return reply.answer as Answer;
}

async function start({ module, descriptors, native }: ApartWork): Promise<ChildProcess> {
  return fork(fileURLToPath(module), {
    execArgv: [
      ...["--permission", ...(await readable()).map((folder) => `--allow-fs-read=${folder}/*`)],
      ...(native ? ["--allow-addons"] : []),
      ...[`--max-old-space-size=${OBJECTS_MB}`, "--disable-warning=SecurityWarning"],
    ],
    cwd: ROOT,
    // No secret of the server is in it (G26).
    env: { LANG: "C.UTF-8", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe", "ipc", ...descriptors],
    serialization: "advanced",
  });
}

/** The program's own code and packages, nothing else. */
async function readable(): Promise<string[]> {
  const packages = join(ROOT, "node_modules");
  const real = await Promise.all([ROOT, packages].map((folder) => realpath(folder).catch(() => folder)));
  return [...new Set([ROOT, packages, ...real])];
}

function ended(child: ChildProcess, work: ApartWork): Promise<ApartReply> {
  const { task, signal, deadlineAt, memoryMb = MEMORY_MB } = work;
  const { promise, resolve, reject } = Promise.withResolvers<ApartReply>();
  let said = "";
  let reply: ApartReply | undefined;
  const abort = () => {
    child.kill("SIGKILL");
    reject(signal.reason);
  };
  const timer = setTimeout(
    () => {
      reply = failure("timed_out", "It took longer than a call may take; nothing of it is kept.");
      child.kill("SIGKILL");
    },
    Math.max(1, deadlineAt - RESERVE_MS - Date.now()),
  );
  const watch = setInterval(async () => {
    const bytes = await residentMemory(child.pid ?? 0);
    if (bytes <= memoryMb * 1_048_576) return;
    reply ??= failure("too_large", TOO_MUCH);
    child.kill("SIGKILL");
  }, LOOK_MS);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = tailOf(said + text, STDERR_KEPT);
  });
  child.once("message", (message: ApartReply) => {
    reply ??= message;
  });
  child.once("error", (error) => {
    reply ??= failure("failed", `No process could be started for it: ${error.message}`);
    if (child.pid === undefined) resolve(reply);
  });
  child.once("close", (_code, endedBy) => resolve(reply ?? unanswered(endedBy, said)));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  // One that ends at once cannot be told anything: why, `close` says.
  else child.send(task as object, () => undefined);
  return promise.finally(() => {
    clearTimeout(timer);
    clearInterval(watch);
    signal.removeEventListener("abort", abort);
  });
}

const TOO_MUCH = "It needs more memory than one call may take.";
const failure = (code: string, message: string): ApartReply => ({ ok: false, code, message });

function unanswered(endedBy: string | null, said: string): ApartReply {
  if (/heap out of memory|allocation failed/i.test(said) || endedBy === "SIGKILL")
    return failure("too_large", TOO_MUCH);
  const [line = ""] = said.split("\n").filter((each) => /error/i.test(each));
  return failure("damaged", `It cannot be worked on; it may be damaged${line && ` (${line.trim()})`}.`);
}
