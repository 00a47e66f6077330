// Checks the data folder: that it is there, that nobody else can look into it, that it can be written, and that the disk has room.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Finding, failure, ok, warning } from "./finding.ts";

const SECRETS = ["owner.key", "jwt-secret", "audit-key"];
const MEBIBYTE = 1_048_576;
/** Below the first the stores may stop writing at any moment; below the second it is time to make room. */
const TOO_LITTLE = 100 * MEBIBYTE;
const LITTLE = 1_024 * MEBIBYTE;

/** Looks before anything reads the files: reading a secret closes it to others, which would hide the finding. */
export async function checkDataFolder(home: string): Promise<Finding[]> {
  return [...checkFolder(home), ...checkSecrets(home), await checkSpace(home)];
}

function checkFolder(home: string): Finding[] {
  const name = "data folder";
  if (!existsSync(home)) return [ok(name, `${home} is not there yet: the first npm start makes it`)];
  const found = statSync(home);
  if (!found.isDirectory())
    return [failure(name, `${home} is no folder`, "set MACJARVIS_HOME to a folder of yours")];
  if (process.getuid && found.uid !== process.getuid())
    return [
      failure(
        name,
        `${home} belongs to another user`,
        "set MACJARVIS_HOME to a folder of yours, or change its owner",
      ),
    ];
  if ((found.mode & 0o077) !== 0)
    return [failure(name, `${home} is open to others (mode ${modeOf(found.mode)})`, `chmod 700 ${home}`)];
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [failure(name, `${home} cannot be written`, `chmod 700 ${home}`)];
  }
  return [ok(name, `${home}, mode 0700`)];
}

function checkSecrets(home: string): Finding[] {
  const files = SECRETS.map((name) => join(home, name)).filter((path) => existsSync(path));
  const open = files.filter((path) => (statSync(path).mode & 0o077) !== 0);
  if (open.length > 0)
    return [failure("keys", `${open.join(", ")} can be read by others`, `chmod 600 ${open.join(" ")}`)];
  if (!existsSync(home) || !statSync(home).isDirectory()) return [];
  if (!existsSync(join(home, "owner.key")))
    return [
      warning(
        "keys",
        `there is no owner.key in ${home}`,
        "npm start makes it when it makes the owner's account",
      ),
    ];
  return [ok("keys", "owner.key and its like are mode 0600")];
}

async function checkSpace(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(nearest(home));
  const free = bavail * bsize;
  const message = `${free < LITTLE ? `${Math.floor(free / MEBIBYTE)} MiB` : `${Math.floor(free / MEBIBYTE / 1_024)} GiB`} free for ${home}`;
  if (free < TOO_LITTLE)
    return failure("disk space", message, "make room, or set MACJARVIS_HOME to another disk");
  if (free < LITTLE) return warning("disk space", message, "make room soon");
  return ok("disk space", message);
}

/** The folder itself, or the first above it that is there. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

function modeOf(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
