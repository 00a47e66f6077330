// Which journal a Mac writes, and the how manieth process on it this one is (lib/edge/journal-claim.ts). A copied folder has a journal of
// its own from its first start on: what is written in the other one since, it does not know.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeKey } from "../../lib/edge/keys/signatures.ts";
import { ensureFolder } from "../../lib/ensure-folder.ts";
import type { NodeFolder } from "./folder.ts";
import { programRunner, type RunProgram } from "./run-program.ts";
import { readStored, writeStored } from "./stored.ts";

const identity = z.object({ seed: z.string(), place: z.string(), starts: z.int().min(1) });

/** The seed of the journal's key, and the number of this start. */
export type OwnJournal = { seed: string; start: number };

/**
 * Counts one more start: it is on the disk when this answers, and no process before had the number. Only for who has locked the folder.
 * @throws NodeProblem `folder` when the disk does not take it
 */
export async function beginOnJournal(
  { journal }: NodeFolder,
  platform: NodeJS.Platform = process.platform,
  run: RunProgram = programRunner(),
): Promise<OwnJournal> {
  ensureFolder(journal);
  const path = join(journal, "identity.json");
  const place = await placeOf(journal, platform, run);
  const known = readKnown(path);
  const next =
    known?.place === place
      ? { ...known, starts: known.starts + 1 }
      : { seed: makeKey("user").seed, place, starts: 1 };
  writeStored(path, next);
  return { seed: next.seed, start: next.starts };
}

/** One that cannot be read is none: then the journal counts as another one. */
function readKnown(path: string) {
  try {
    return readStored(path, identity);
  } catch {
    return undefined;
  }
}

/** The folder itself on this machine: a copy has another inode and another birth, also where its name is the same. */
async function placeOf(folder: string, platform: NodeJS.Platform, run: RunProgram): Promise<string> {
  const { ino, birthtimeNs } = statSync(folder, { bigint: true });
  return `${await machineId(platform, run)} ${ino} ${birthtimeNs}`;
}

/** The same for as long as the machine is the same; empty where the system does not say. */
async function machineId(platform: NodeJS.Platform, run: RunProgram): Promise<string> {
  if (platform === "darwin") {
    const { stdout } = await run(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]);
    return /"IOPlatformUUID" = "([0-9A-F-]+)"/.exec(stdout)?.[1] ?? "";
  }
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}
