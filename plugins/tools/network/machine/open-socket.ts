// A socket that others may connect or send to, as the readers of both systems tell it; used by describe-ports.ts and by
// port_killer.

export type OpenSocket = {
  protocol: "tcp" | "udp";
  /** `*` where macOS does not say of which family. */
  address: string;
  port: number;
  /** Processes that hold it; empty when the system does not tell. */
  pids: number[];
};
