// How many connections there may be: of one address, so that it cannot take all, and altogether, so that files can still be opened.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../../lib/log.ts";
import { addressKey } from "./authenticate.ts";

export type ConnectionLimits = {
  /** Connections of one address, for IPv6 of one /64. */
  perAddress: number;
  /** Of this machine and of trusted proxies come the connections of many. */
  isExempt(address: string): boolean;
};

/** Open files that are kept free of connections. */
const FILES = 1_024;
const LEAST = 64;

/** Cuts connections beyond the limits without a word: an answer would cost more than it says. */
export function limitConnections(server: Server, { perAddress, isExempt }: ConnectionLimits, log: Log): void {
  const open = new Map<string, number>();
  server.prependListener("connection", (socket: Socket) => {
    const { remoteAddress = "" } = socket;
    if (isExempt(remoteAddress)) return;
    const key = addressKey(remoteAddress);
    const count = (open.get(key) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(key, count);
    if (count === perAddress)
      log.warn({ address: key, connections: count }, "an address has all it may have");
    socket.once("close", () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
  const most = mostConnections();
  if (most === undefined) return;
  server.maxConnections = most;
  server.on("drop", () => log.warn({ connections: most }, "all connections are taken"));
}

/** By the limit of open files; undefined where there is none. */
function mostConnections(): number | undefined {
  // Looking up names of the network takes long; Node's types do not know the switch.
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const excludeNetwork = report.excludeNetwork;
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as {
    userLimits?: { open_files?: { soft: number | "unlimited" } };
  };
  report.excludeNetwork = excludeNetwork;
  const files = userLimits?.open_files?.soft;
  return typeof files === "number" ? Math.max(LEAST, files - FILES) : undefined;
}
