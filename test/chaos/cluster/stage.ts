// The whole cluster under chaos: the real servers, the model's stand-in, gateways, agents and the rest as processes of their own.
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../bin/cluster/servers/free-port.ts";
import { Client } from "../../support/client.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { waitFor } from "../../support/wait-for.ts";
import { Member } from "./member.ts";
import type { ChaosOptions } from "./options.ts";

export type Stage = {
  cluster: Cluster;
  members: Member[];
  gateways: Member[];
  agents: Member[];
  /** The one with the machine's tools. */
  node: Member;
  /** Logs of all processes. */
  logs: string;
  /** Of an admin. */
  ownerKey: string;
  /** @param keepLogs for whoever looks for a cause */
  stop(keepLogs: boolean): Promise<void>;
};

export async function startStage(
  { gateways, agents }: Pick<ChaosOptions, "gateways" | "agents">,
  tell: (words: string) => void,
): Promise<Stage> {
  const cluster = await startCluster();
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-chaos-"));
  const logs = join(folder, "logs");
  await mkdir(logs);
  const { postgres, mongo, nats, redis } = cluster.servers;
  const ports = { postgres: postgres.port, mongo: mongo.port, nats: nats.port, redis: redis.port };
  const start = async (name: string, services: string) => {
    const home = join(folder, name);
    await mkdir(home, { mode: 0o700 });
    const env = { ...cluster.settings, PORT: String(await freePort()) };
    return Member.start({ name, services, home, log: join(logs, `${name}.log`), env, tell }, ports);
  };
  const numbered = (count: number, service: string) =>
    Array.from({ length: count }, (_, index) => start(`${service}-${index + 1}`, service));
  const members = await Promise.all([
    start("users", "users,quota"),
    start("sessions", "sessions,tools,nodes"),
    start("node", "node"),
    ...numbered(gateways, "api"),
    ...numbered(agents, "agent"),
  ]);
  const named = (start: string) => members.filter(({ name }) => name.startsWith(start));
  const [users, node] = [named("users")[0] as Member, named("node")[0] as Member];
  const stage: Stage = {
    ...{ cluster, members, node, logs },
    gateways: named("api-"),
    agents: named("agent-"),
    ownerKey: (await readFile(join(users.home, "owner.key"), "utf8")).trim(),
    async stop(keepLogs) {
      await Promise.all(members.map((member) => member.stop()));
      await cluster.stop();
      for (const { home } of members) await rm(home, { recursive: true, force: true });
      if (!keepLogs) await rm(folder, { recursive: true, force: true });
    },
  };
  await ready(stage);
  // Else no take-over would be seen, and none missed.
  const nameless = stage.agents.find(({ nodeId }) => !nodeId.startsWith("agent-"));
  if (nameless) throw new Error(`the log of ${nameless.name} does not say its name among the others`);
  return stage;
}

/** Answers when every process runs and every gateway says that it is ready. */
export async function ready({ members, gateways }: Pick<Stage, "members" | "gateways">): Promise<void> {
  await waitFor("every process runs", () => members.every(({ isUp }) => isUp));
  for (const { name, url } of gateways)
    await waitFor(`${name} is ready`, async () => {
      const answer = await new Client(url).call("GET", "/health/ready").catch(() => undefined);
      return answer?.status === 200;
    });
}
