// Checks the data folder: that it is there or can be made, that nobody else can look into it, that it can be written, and that
// the disk has room.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

type Words = Texts["doctor"];

const SECRETS = ["owner.key", "jwt-secret", "audit-key"];
const MEBIBYTE = 1_048_576;
/** Below the first the stores may stop writing at any moment; below the second it is time to make room. */
const TOO_LITTLE = 100 * MEBIBYTE;
const LITTLE = 1_024 * MEBIBYTE;

/** Looks before anything reads the files: reading a secret closes it to others, which would hide the finding. */
export async function checkDataFolder(home: string, { doctor }: Texts = textsFor("en")): Promise<Finding[]> {
  return [...checkFolder(home, doctor), ...checkSecrets(home, doctor), await checkSpace(home, doctor)];
}

function checkFolder(home: string, words: Words): Finding[] {
  const name = "data folder";
  if (!existsSync(home)) return [checkParent(home, words)];
  const found = statSync(home);
  if (!found.isDirectory()) return [failure(name, words.noFolder(home), words.folderFix, "no_folder")];
  if (process.getuid && found.uid !== process.getuid())
    return [failure(name, words.othersFolder(home), words.othersFolderFix, "of_another_user")];
  if ((found.mode & 0o077) !== 0)
    return [
      failure(name, words.openToOthers(home, modeOf(found.mode)), `chmod 700 ${home}`, "open_to_others"),
    ];
  const fault = writeFault(home);
  if (fault === "EROFS")
    return [failure(name, words.readOnlyDisk(home), words.readOnlyDiskFix, "read_only_disk")];
  if (fault !== undefined)
    return [failure(name, words.notWritable(home), `chmod 700 ${home}`, "not_writable")];
  return [ok(name, words.folderFine(home))];
}

/** A folder that is not there yet is made by the first start: whether that can succeed. */
function checkParent(home: string, words: Words): Finding {
  const name = "data folder";
  const parent = nearest(home);
  if (!statSync(parent).isDirectory())
    return failure(name, words.parentNoFolder(home, parent), words.folderFix, "cannot_be_made");
  const fault = writeFault(parent);
  if (fault === undefined) return ok(name, words.notThereYet(home), "not_there_yet");
  const fix = fault === "EROFS" ? words.readOnlyDiskFix : words.cannotBeMadeFix(parent);
  return failure(name, words.cannotBeMade(home, parent), fix, "cannot_be_made");
}

/** The system's code when the folder cannot be read, written and entered. */
function writeFault(folder: string): string | undefined {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? "EACCES";
  }
}

function checkSecrets(home: string, words: Words): Finding[] {
  const files = SECRETS.map((name) => join(home, name)).filter((path) => existsSync(path));
  const open = files.filter((path) => (statSync(path).mode & 0o077) !== 0);
  if (open.length > 0)
    return [
      failure("keys", words.keysOpen(open.join(", ")), `chmod 600 ${open.join(" ")}`, "open_to_others"),
    ];
  if (!existsSync(home) || !statSync(home).isDirectory()) return [];
  if (!existsSync(join(home, "owner.key")))
    return [warning("keys", words.noOwnerKey(home), words.noOwnerKeyFix, "missing")];
  return [ok("keys", words.keysFine)];
}

async function checkSpace(home: string, words: Words): Promise<Finding> {
  const { bavail, bsize } = await statfs(nearest(home));
  const free = bavail * bsize;
  const room =
    free < LITTLE ? `${Math.floor(free / MEBIBYTE)} MiB` : `${Math.floor(free / MEBIBYTE / 1_024)} GiB`;
  const message = words.space(room, home);
  if (free < TOO_LITTLE) return failure("disk space", message, words.spaceGone, "full");
  if (free < LITTLE) return warning("disk space", message, words.spaceLittle, "little");
  return ok("disk space", message);
}

/** The folder itself, or the first above it that is there. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

function modeOf(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
