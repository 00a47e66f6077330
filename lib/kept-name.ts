// The name that a process keeps over its restarts, in the data folder, which is locked: no two processes have one at the same time.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";

/** @throws Error in words when the file holds something else */
export function keptName(home: string): string {
  const path = join(home, "process-name");
  const kept = readSecretFile(path);
  if (kept === undefined) {
    const made = randomUUID();
    writeSecretFile(path, made);
    return made;
  }
  if (!/^[\w-]{8,64}$/.test(kept))
    throw new Error(`${path} holds no name of a process: restore it from a backup, or remove it.`);
  return kept;
}
