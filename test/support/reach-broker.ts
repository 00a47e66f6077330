// Who reaches the broker itself, past the gateway: of one process its own broker; where the test runs on a cluster, that of a process of
// its own, which joins the bus with the cluster's secret as `npm run repl` does, so that every call goes over NATS.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { pino } from "pino";
import { joinCluster } from "../../bin/repl/join-cluster.ts";
import { startServer } from "../../bin/start/start-server.ts";
import { servicesThere } from "../../lib/broker/services-there.ts";
import { readEnvironment } from "../../lib/env.ts";
import { startFilesStore } from "./files-store.ts";
import { isOnCluster } from "./on-cluster.ts";
import { startStack } from "./stack.ts";

export type ReachedBroker = {
  broker: ServiceBroker;
  /** Of the gateway. */
  url: string;
  stop(): Promise<void>;
};

const SERVICES = ["api", "users", "config", "quota", "sessions", "agent", "tools", "nodes", "node", "mcp"];

export async function reachBroker(): Promise<ReachedBroker> {
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-actions-"));
  const home = join(folder, "home");
  const reached = await (isOnCluster ? besideCluster(home) : inside(home, folder));
  return {
    ...reached,
    async stop() {
      await reached.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function inside(home: string, folder: string): Promise<ReachedBroker> {
  const env = { MACJARVIS_HOME: home, TOOL_ROOTS: folder, PORT: "0", LOG_LEVEL: "silent" };
  return startServer(readEnvironment(env));
}

async function besideCluster(home: string): Promise<ReachedBroker> {
  const files = await startFilesStore();
  const stack = await startStack({ HOST_TOOLS: "owner", ...files.settings });
  const env = readEnvironment({ ...stack.settings, MACJARVIS_HOME: home });
  if (!env.cluster) throw new Error("the stack is no cluster");
  // One that is cut off fails its calls: nobody has to be told.
  const told = { log: pino({ level: "silent" }), onDeaf: () => undefined };
  const { room, leave } = await joinCluster(env, env.cluster, told);
  await servicesThere(room.broker, SERVICES);
  return {
    broker: room.broker,
    url: stack.server.url,
    async stop() {
      await leave();
      await stack.stop();
      await files.stop();
    },
  };
}
