// Open sockets of macOS from what `netstat -anv` prints: it tells of the sockets of all users, and of each the process that
// used it last, without rights that a user does not have. Columns differ between versions; run by describe-ports.ts.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import type { OpenSocket } from "./open-socket.ts";

const NETSTAT_TIMEOUT_MS = 10_000;
/** By family: without one it lists thousands of local sockets too. */
const FAMILIES = ["inet", "inet6"];

/** @throws AppError `internal` when netstat fails */
export async function readMacSockets({ run }: Pick<ToolContext, "run">): Promise<OpenSocket[]> {
  const lists = await Promise.all(
    FAMILIES.map(async (family) => {
      // `-W`: addresses are not cut to the width of their column.
      const { exit_code, stdout } = await run(["/usr/sbin/netstat", "-anvW", "-f", family], {
        timeoutMs: NETSTAT_TIMEOUT_MS,
      });
      if (exit_code !== 0)
        throw new AppError("internal", "The command netstat did not list the ports; try again.");
      return parseNetstat(stdout);
    }),
  );
  return lists.flat();
}

/** Sockets that wait for others: of TCP those that listen, of UDP those that are bound to a port and to no partner. */
export function parseNetstat(text: string): OpenSocket[] {
  let pidColumn = 2;
  return text.split("\n").flatMap((line): OpenSocket[] => {
    if (line.startsWith("Proto")) pidColumn = line.includes("rxbytes") ? 4 : 2;
    const [, protocol, local = "", rest = ""] = LINE.exec(line) ?? [];
    if (protocol !== "tcp" && protocol !== "udp") return [];
    if (protocol === "tcp" && !/^LISTEN\b/.test(rest)) return [];
    // The last dot, for an IPv6 address has none and an IPv4 address three.
    const dot = local.lastIndexOf(".");
    const port = Number(local.slice(dot + 1));
    if (!Number.isInteger(port) || port === 0) return [];
    const pid = pidOf(rest.replace(/^LISTEN\s+/, ""), pidColumn);
    return [{ protocol, address: local.slice(0, dot), port, pids: pid > 0 ? [pid] : [] }];
  });
}

/** Protocol with its family (`tcp4`, `udp46`), two queues, the local address, a partner that is nobody, and the rest. */
const LINE = /^(tcp|udp)(?:4|6|46)\s+\d+\s+\d+\s+(\S+)\s+\*\.\*\s*(.*)$/;
/** `Google Chrome He:35474  00100 00000106`: name and process, then the state in five digits. */
const NAME_AND_PID = /:(\d+)\s+[0-9a-f]{5}\s/;

/** @param column where the process stands behind the state in versions that give its number alone, counted from 0 */
function pidOf(rest: string, column: number): number {
  const named = NAME_AND_PID.exec(rest)?.[1];
  return Number(named ?? rest.trim().split(/\s+/)[column] ?? 0) || 0;
}
