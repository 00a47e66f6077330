// How long a TCP connection to an address takes; used by ping_host where no ICMP is allowed. Sends no byte of its own.
import { connect } from "node:net";

export type ConnectTime = {
  /** `refused`: the machine is there, and nothing listens. */
  outcome: "open" | "refused" | "failed";
  milliseconds: number;
};

/**
 * Never throws: what does not answer has failed, also when the signal ends it.
 * @param address an IP address that was judged already: no name is looked up
 */
export function connectTime(
  address: string,
  port: number,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<ConnectTime> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal });
    const end = (outcome: ConnectTime["outcome"]) => {
      socket.destroy();
      resolve({ outcome, milliseconds: performance.now() - startedAt });
    };
    socket.setTimeout(timeoutMs, () => end("failed"));
    socket.once("connect", () => end("open"));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ECONNREFUSED" ? "refused" : "failed"),
    );
  });
}
