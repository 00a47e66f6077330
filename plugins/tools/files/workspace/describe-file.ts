// Describes a file or folder for file_info; nothing is opened but the folder it is in.
import type { Stats } from "node:fs";
import { readlink } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "./held-directory.ts";
import { type FileKind, kindOf } from "./open-file.ts";
import { openFolder, openPlace } from "./open-place.ts";

export type FileDescription = {
  path: string;
  type: FileKind;
  /** Of a link: what it says, as it is. */
  target?: string;
  /** In bytes. */
  size: number;
  /** Octal, e.g. `0644`. */
  mode: string;
  uid: number;
  gid: number;
  /** Names of the same file (hard links). */
  links: number;
  inode: number;
  /** ISO 8601. */
  created: string;
  modified: string;
  accessed: string;
  /** Names; null where they cannot be read. */
  extended_attributes: string[] | null;
};

/** @throws FileProblem `not_found`, `not_allowed`, `permission_denied` … */
export async function describeFile(context: ToolContext, path: string): Promise<FileDescription> {
  await using closing = new AsyncDisposableStack();
  const { directory, name, stats, realPath } = await placeOrRoot(context, path);
  closing.use(directory);
  if (!stats) throw new FileProblem("not_found", `"${realPath}" does not exist.`);
  const link = stats.isSymbolicLink() ? { target: await readlink(directory.entry(name)) } : {};
  return {
    path: realPath,
    type: kindOf(stats),
    ...link,
    size: stats.size,
    mode: (stats.mode & 0o7777).toString(8).padStart(4, "0"),
    uid: stats.uid,
    gid: stats.gid,
    links: stats.nlink,
    inode: stats.ino,
    created: stats.birthtime.toISOString(),
    modified: stats.mtime.toISOString(),
    accessed: stats.atime.toISOString(),
    extended_attributes: await attributeNames(context, directory, name),
  };
}

type Found = { directory: HeldDirectory; name: string; stats: Stats | undefined; realPath: string };

async function placeOrRoot(context: ToolContext, path: string): Promise<Found> {
  try {
    const {
      directory,
      name,
      stats,
      path: realPath,
    } = await openPlace(context, path, { purpose: "look", followLast: false });
    return { directory, name, stats, realPath };
  } catch (error: unknown) {
    // A root itself has no place below a root; outside of them this fails in the same words.
    if (!isProblem(error, "not_allowed")) throw error;
    const { directory } = await openFolder(context, path);
    return { directory, name: ".", stats: directory.stats, realPath: directory.path };
  }
}

/** By the system's command, which is told the way through the held directory. */
async function attributeNames(
  context: ToolContext,
  directory: HeldDirectory,
  name: string,
): Promise<string[] | null> {
  const entry = directory.entry(name).replace("/proc/self/", `/proc/${process.pid}/`);
  const argv =
    process.platform === "darwin"
      ? ["/usr/bin/xattr", "-s", entry]
      : ["getfattr", "-h", "-m", "-", "--absolute-names", "--", entry];
  const { exit_code, stdout } = await context.run(argv);
  if (exit_code !== 0) return null;
  return stdout.split("\n").filter((line) => line !== "" && !line.startsWith("# file:"));
}
