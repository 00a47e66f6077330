// Open sockets from /proc, read without a child process. Whose they are is found by their inodes among the open files of
// processes, which the system shows of one's own only (of all to root). Format: proc(5), /proc/net/tcp.
import { readdir, readFile, readlink } from "node:fs/promises";
import { endianness } from "node:os";
import ipaddr from "ipaddr.js";
import type { OpenSocket } from "./open-socket.ts";

export type FoundSocket = Omit<OpenSocket, "pids"> & { inode: string };

const TABLES = [
  ["tcp", "tcp"],
  ["tcp6", "tcp"],
  ["udp", "udp"],
  ["udp6", "udp"],
] as const;
/** What a socket's state is in each table when it waits for others (include/net/tcp_states.h). */
const WAITS = { tcp: "0A", udp: "07" };
/** Links that are read at once: enough for speed, too few to crowd out other file work. */
const AT_ONCE = 32;

/** @throws AbortError on the signal */
export async function readLinuxSockets(
  signal: AbortSignal,
  wanted?: (socket: FoundSocket) => boolean,
): Promise<OpenSocket[]> {
  const tables = await Promise.all(
    TABLES.map(async ([name, protocol]) =>
      parseProcNet(await readFile(`/proc/net/${name}`, "utf8").catch(() => ""), protocol),
    ),
  );
  const found = tables.flat().filter((socket) => !wanted || wanted(socket));
  if (found.length === 0) return [];
  const holders = await holdersOf(new Set(found.map(({ inode }) => inode)), signal);
  return found.map(({ inode, ...socket }) => ({ ...socket, pids: holders.get(inode) ?? [] }));
}

/** The sockets of a table that wait for others. */
export function parseProcNet(text: string, protocol: "tcp" | "udp"): FoundSocket[] {
  return text.split("\n").flatMap((line): FoundSocket[] => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [, address, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (address === undefined || port === undefined || state !== WAITS[protocol]) return [];
    return [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** The kernel writes words of four bytes in the byte order of the machine. */
function addressOf(hex: string): string {
  const bytes = [...Buffer.from(hex, "hex")];
  const isLittle = endianness() === "LE";
  const ordered = bytes.map((_byte, at) => bytes[isLittle ? at - (at % 4) + 3 - (at % 4) : at] ?? 0);
  return ipaddr.process(ipaddr.fromByteArray(ordered).toString()).toString();
}

/** Processes by the inode of a socket that they hold. */
async function holdersOf(inodes: ReadonlySet<string>, signal: AbortSignal): Promise<Map<string, number[]>> {
  const holders = new Map<string, number[]>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // Of another user's, or one that has ended.
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const held = new Set<string>();
    for (let start = 0; start < descriptors.length; start += AT_ONCE) {
      signal.throwIfAborted();
      const some = descriptors.slice(start, start + AT_ONCE);
      const links = await Promise.all(
        some.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")),
      );
      for (const link of links) {
        const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
        if (inode !== undefined && inodes.has(inode)) held.add(inode);
      }
    }
    for (const inode of held) holders.set(inode, [...(holders.get(inode) ?? []), Number(pid)]);
  }
  return holders;
}
