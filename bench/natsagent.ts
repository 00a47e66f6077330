// Reference "natsagent": minagent's work over NATS by hand: a gateway, a core and a tool node, each a process, and a nats-server. The limit of
// our topology: nothing is stored. Started by run.ts: upstream's port, JWT secret. The processes are its children, so that it is
// the root of all CPU time.
import { fork } from "node:child_process";
import { join } from "node:path";
import { startNats } from "../bin/cluster/servers/nats.ts";
import { endWithParent, type Ready } from "./measure/announce.ts";

const [upstreamPort = "", secret = ""] = process.argv.slice(2);

const nats = await startNats();
for (const [program, argument] of [
  ["tool-node", ""],
  ["core", upstreamPort],
  ["gateway", secret],
] as const) {
  const child = fork(join(import.meta.dirname, "natsagent", `${program}.ts`), [nats.url, argument]);
  child.once("message", (ready: Ready) => {
    // The gateway comes last, and is the only one with a port.
    if (ready.port > 0) process.send?.(ready);
  });
}
process.once("SIGTERM", () => void nats.stop().finally(() => process.exit(0)));
endWithParent();
