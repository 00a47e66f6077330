// Sockets that lie in the folders a command may use. Whoever listens there (an SSH agent, Docker, a database) does what it is
// asked, outside of the sandbox: to connect to one is network that was not granted.
import { lstat, readFile, realpath } from "node:fs/promises";
import { type Hidden, isWithin } from "./visible-paths.ts";

/** The kernel's list of sockets (proc(5)): number, counts, flags, type, state, inode, and the name they were bound to. */
const LIST = "/proc/net/unix";
const NAME = /^[0-9a-f]+: (?:\S+ +){6}(\/.+)$/i;

/**
 * Those that somebody has bound in these folders, by their real paths. None where the system keeps no list; those of other
 * machines' and containers' namespaces are not in it.
 * @param folders real paths
 */
export async function openSockets(folders: string[], list = LIST): Promise<Hidden[]> {
  const lines = (await readFile(list, "utf8").catch(() => "")).split("\n");
  const names = new Set(lines.map((line) => NAME.exec(line)?.[1]).filter((name) => name !== undefined));
  const found = await Promise.all([...names].map(socketAt));
  return found
    .filter((path) => path !== undefined)
    .filter((path) => folders.some((folder) => isWithin(path, folder)))
    .map((path) => ({ path, kind: "file" }));
}

async function socketAt(name: string): Promise<string | undefined> {
  try {
    const path = await realpath(name);
    return (await lstat(path)).isSocket() ? path : undefined;
  } catch {
    // Its name is gone, or not for this process to see: then no command reaches it by that.
    return undefined;
  }
}
