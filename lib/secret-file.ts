// Secrets that live in files of the data folder: always mode 0600, always whole. Used for signing secrets and the owner's key.
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { unusable } from "./unusable.ts";

/** The secret without surrounding blanks; undefined when there is no file. Closes the file to others on the way. */
export function readSecretFile(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    chmodSync(path, 0o600);
    return text;
  } catch (error: unknown) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw unusable(`The file ${path}`, error, "Move it away, or let this user read it.");
  }
}

/** Replaces the file in one step, so that a crash leaves the old one or the new one; its folder is made (0700). */
export function writeSecretFile(path: string, secret: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, `${secret}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
