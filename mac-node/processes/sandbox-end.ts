// When a sandbox is really over. bwrap ends when its command has ended; what that left behind is ended by the kernel with the
// first process of the sandbox, a moment later, and could still write then.
import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { INFO_DESCRIPTOR } from "./sandbox-descriptors.ts";

/** The process id, outside, of the sandbox's first process; undefined when bwrap ended before it told (`--info-fd`). */
export async function sandboxOf(child: ChildProcess): Promise<number | undefined> {
  const told = child.stdio[INFO_DESCRIPTOR];
  if (!(told instanceof Readable)) return undefined;
  let text = "";
  try {
    for await (const piece of told) text += String(piece);
    const { "child-pid": pid } = JSON.parse(text) as { "child-pid"?: unknown };
    return typeof pid === "number" ? pid : undefined;
  } catch {
    return undefined;
  }
}

const PAUSE_MS = 2;
/** A process that the kernel cannot end, because a device does not answer, is not waited for. */
const LIMIT_MS = 5_000;

/** Waits until the process is gone or only its exit code is left: then nothing of its namespace lives (pid_namespaces(7)). */
export async function ended(pid: number | undefined): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  while (pid !== undefined && performance.now() < until && (await isAlive(pid)))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state !== "" && state !== "Z" && state !== "X";
}
