// Makes the folder of keys: all of it or nothing, however the process ends. What is there is never written over.
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ensureFolder } from "../../ensure-folder.ts";
import { writeSecretFile } from "../../secret-file.ts";
import { unusable } from "../../unusable.ts";
import {
  ALL_KEY_FILES,
  INIT_COMMAND,
  KEY_FILES,
  type KeyFile,
  MAY_BE_TAKEN_AWAY,
  readKeyFile,
} from "./key-files.ts";
import { newKeys } from "./new-keys.ts";
import { Signer } from "./signatures.ts";

/** `kept`: all was there, but for `taken`, which nothing that runs needs. */
export type MadeKeys = { state: "made" | "kept"; taken: KeyFile[] };

/** Whole sets on their way: what is in `READY` is only to be moved up. */
const READY = ".ready";
const NEW = ".new-";
/** A set that nobody will finish. */
const LEFT_OVER_MS = 3_600_000;
const ADVICE = "Name another folder with EDGE_KEYS (or --folder).";

/**
 * Makes the keys of the edge where there are none. May be repeated and run twice at the same time.
 * @throws Error in words when the folder cannot be written, is somebody else's, or has lost a part of its keys
 */
export async function makeKeys(folder: string): Promise<MadeKeys> {
  try {
    ensureFolder(folder);
    if (existsSync(join(folder, READY))) moveUp(folder);
    completePublic(folder);
    const found = ALL_KEY_FILES.filter((file) => existsSync(join(folder, file)));
    if (found.length > 0) return keptKeys(folder, found);
    refuseOthers(folder);
    const fresh = join(folder, `${NEW}${randomUUID()}`);
    for (const [file, text] of await newKeys()) writeSecretFile(join(fresh, file), text);
    for (const part of foldersIn(fresh)) syncFolder(part);
    commit(folder, fresh);
    moveUp(folder);
    chmodSync(folder, 0o700);
    return { state: "made", taken: [] };
  } catch (thrown) {
    throw (thrown as NodeJS.ErrnoException).code === undefined
      ? thrown
      : unusable(`The folder ${folder}`, thrown, ADVICE);
  }
}

/** The one file that follows from another. */
function completePublic(folder: string): void {
  const { grantsSeed, grantsPublic } = KEY_FILES;
  if (existsSync(join(folder, grantsPublic)) || !existsSync(join(folder, grantsSeed))) return;
  writeSecretFile(join(folder, grantsPublic), new Signer(readKeyFile(folder, grantsSeed)).publicKey);
}

function keptKeys(folder: string, found: KeyFile[]): MadeKeys {
  const missing = ALL_KEY_FILES.filter((file) => !found.includes(file));
  const lost = missing.filter((file) => !MAY_BE_TAKEN_AWAY.includes(file));
  if (lost.length > 0)
    throw new Error(
      `The keys of the edge in ${folder} lack ${lost.join(", ")}. New ones would not fit those that are there: bring them back from where they were taken to, or from a backup. To begin anew (every Mac has to be paired again) move ${folder} away and use ${INIT_COMMAND}.`,
    );
  for (const file of found) chmodSync(join(folder, file), 0o600);
  chmodSync(folder, 0o700);
  return { state: "kept", taken: missing };
}

/** Closing a folder of others would break what they do there. */
function refuseOthers(folder: string): void {
  const others: string[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(NEW)) others.push(name);
    else if (Date.now() - statSync(join(folder, name)).mtimeMs > LEFT_OVER_MS)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (others.length > 0)
    throw new Error(
      `The folder ${folder} has no keys of the edge, but other things (${others.slice(0, 3).join(", ")}). ${ADVICE}`,
    );
}

/** From here on the set is the folder's. Where somebody else was quicker, theirs is. */
function commit(folder: string, fresh: string): void {
  try {
    renameSync(fresh, join(folder, READY));
    syncFolder(folder);
  } catch (thrown) {
    rmSync(fresh, { recursive: true, force: true });
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw thrown;
  }
}

/** Moves what is ready to its place, also what another process has left half-way or moves at this moment. */
function moveUp(folder: string): void {
  const ready = join(folder, READY);
  for (const part of isOfAnother(folder, ready) ? [] : foldersIn(ready)) {
    const target = join(folder, part.slice(ready.length));
    mkdirSync(target, { recursive: true, mode: 0o700 });
    for (const entry of entriesOf(part)) if (!entry.isDirectory()) linkOnce(join(part, entry.name), target);
    syncFolder(target);
  }
  rmSync(ready, { recursive: true, force: true });
  syncFolder(folder);
}

/** Whether another set has its place already, which one file tells: the first to be moved. */
function isOfAnother(folder: string, ready: string): boolean {
  linkOnce(join(ready, KEY_FILES.edgeAccount), folder);
  const [moved, own] = [folder, ready].map(
    (place) => statSync(join(place, KEY_FILES.edgeAccount), { throwIfNoEntry: false })?.ino,
  );
  return own !== undefined && moved !== own;
}

function linkOnce(path: string, folder: string): void {
  try {
    linkSync(path, join(folder, path.slice(dirname(path).length + 1)));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw thrown;
  }
}

const foldersIn = (folder: string): string[] => [
  folder,
  ...entriesOf(folder).flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : [])),
];

/** Empty when another process has finished it. */
function entriesOf(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
