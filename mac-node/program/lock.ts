// One process serves a folder at a time. The lock is on the folder itself (lib/exclusive-lock.ts); beside it stands who has it, for
// whoever asks and for systems without such locks.
import { constants, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { lockOpened } from "../../lib/exclusive-lock.ts";
import { reasonOfSystem } from "../../lib/unusable.ts";
import { startTimeOf } from "../processes/start-time.ts";
import type { NodeFolder } from "./folder.ts";
import { NodeProblem } from "./problem.ts";
import { writeStored } from "./stored.ts";

const holder = z.object({ pid: z.int().positive(), started: z.string() });

/** `isLocked`: no other process can serve the folder; false where this system has no such locks. */
export type NodeLock = { isLocked: boolean; release(): void };

/** Who serves this folder now, by process id. */
export async function holderOf(folder: NodeFolder): Promise<number | undefined> {
  const said = holder.safeParse(jsonIn(folder.holder)).data;
  if (!said) return undefined;
  // The id may have come to somebody else: the time when it began has not.
  return (await startTimeOf(said.pid)) === said.started ? said.pid : undefined;
}

/** @throws NodeProblem `in_use`; `folder` when the disk does not let it be locked */
export async function lockNodeFolder(folder: NodeFolder): Promise<NodeLock> {
  const before = await holderOf(folder);
  const held = hold(folder, before);
  const inUse = !held.isLocked && before !== undefined && before !== process.pid;
  const release = () => {
    for (const letGo of held.release.splice(0)) letGo();
  };
  if (inUse) {
    release();
    throw new NodeProblem({ kind: "in_use", pid: before });
  }
  try {
    writeStored(folder.holder, { pid: process.pid, started: (await startTimeOf(process.pid)) ?? "" });
  } catch (thrown) {
    release();
    throw thrown;
  }
  return {
    isLocked: held.isLocked,
    release() {
      if (held.release.length > 0) rmSync(folder.holder, { force: true });
      release();
    },
  };
}

function hold({ path }: NodeFolder, pid: number | undefined) {
  try {
    return lockOpened([{ path, flags: constants.O_RDONLY }]);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EAGAIN") throw new NodeProblem({ kind: "in_use", pid });
    throw new NodeProblem({ kind: "folder", path, why: reasonOfSystem(thrown) }, { cause: thrown });
  }
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
