// How the programs that run.ts starts say where they listen and end with it.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Ready = { type: "ready"; port: number };

/** Listens on a free port of this machine, tells it to the parent, and ends the process when the parent is gone. */
export function announce(server: Server): void {
  server.listen(0, "127.0.0.1", 4_096, () => {
    const ready: Ready = { type: "ready", port: (server.address() as AddressInfo).port };
    process.send?.(ready);
  });
  endWithParent();
}

export function endWithParent(): void {
  process.on("disconnect", () => process.exit(0));
}
