// Two whole processes but for the gateway, on the same stores, each with a model and with what it knows of the other as the test says.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { pino } from "pino";
import type { RunId, UserId } from "../../contracts/ids.ts";
import { SYSTEM } from "../../lib/broker/action.ts";
import { Identity } from "../../lib/broker/authorization.ts";
import { openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import type { ProcessPorts } from "../../lib/ports/ports.ts";
import { nodeService } from "../../mac-node/node.service.ts";
import { createBroker } from "../../moleculer.config.ts";
import { openModels } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import type { AgentContext } from "../../services/agent/context.ts";
import { startRun } from "../../services/agent/requests/start-run.ts";
import { agentService } from "../../services/agent.service.ts";
import { nodesService } from "../../services/nodes.service.ts";
import { quotaService } from "../../services/quota.service.ts";
import { sessionsService } from "../../services/sessions.service.ts";
import { toolsService } from "../../services/tools.service.ts";
import { usersService } from "../../services/users.service.ts";

/** `gone`: names of the processes of which this one knows that they are dead. */
export type Peer = { agent: AgentContext; broker: ServiceBroker; gone: string[] };

const SAID = { model: "demo/demo", reasoning: "", toolCalls: [] };

/** A model that says nothing until it is told to stop. @param onAsked told at each question */
export function silentModel(onAsked: () => void): ModelAsker {
  return {
    health: () => [],
    async ask({ signal }) {
      onAsked();
      if (!signal?.aborted) await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      const usage = { input_tokens: 0, output_tokens: 0, estimated: false };
      return { type: "cancelled", ...SAID, text: "", usage };
    },
  };
}

export const answeringModel: ModelAsker = {
  health: () => [],
  async ask({ onText }) {
    onText?.("done");
    const usage = { input_tokens: 1, output_tokens: 1, estimated: false };
    return { type: "answered", ...SAID, text: "done", finish: "stop", usage };
  },
};

type How = {
  /** The stores as each of them opens them; one embedded store unless given. */
  openPorts?: () => Promise<ProcessPorts>;
  /** They know of each other by leases; else what the test says. */
  isLeased?: boolean;
};

/** Asks for one call, and says "done" once it has the result. */
export function askingModel(name: string, args: object): ModelAsker {
  return {
    health: () => [],
    async ask(options) {
      if (options.messages.some(({ role }) => role === "tool")) return answeringModel.ask(options);
      const call = { wire_id: "c1", name, arguments: JSON.stringify(args) };
      const usage = { input_tokens: 1, output_tokens: 1, estimated: false };
      return { type: "answered", ...SAID, toolCalls: [call], text: "", finish: "tool_calls", usage };
    },
  };
}

export async function startPeers({ openPorts, isLeased = false }: How = {}) {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-peers-"));
  // Not in the data folder, which no tool may touch.
  const root = await mkdtemp(join(tmpdir(), "macjarvis-root-"));
  const shared = openPorts ? undefined : openEmbeddedPorts({ home });
  const opened: ProcessPorts[] = [];
  const start = async () => {
    const ports = shared ?? (await (openPorts as () => Promise<ProcessPorts>)());
    opened.push(ports);
    return startPeer({ home, root, ports, isLeased });
  };
  // One after the other: only one process migrates an embedded store.
  const [a, b] = [await start(), await start()] as const;
  const registered = { email: "someone@example.com", password: "correct horse battery" };
  const { user } = await a.broker.call<{ user: { id: UserId } }, object>("users.register", registered, {
    meta: { clientAddress: "192.0.2.1" },
  });
  const caller = await a.agent.ask(SYSTEM, "users.callerOf", { user_id: user.id });
  return {
    ...{ a, b, caller, root },
    /** A run that `peer` works and whose model is silent. */
    async workedBy({ agent }: Peer): Promise<RunId> {
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      agent.asker = silentModel(resolve);
      const body = { message: "hello", if_busy: "reject" as const };
      const { run_id } = await startRun(agent, caller, { body });
      await asked;
      return run_id as RunId;
    },
    async close(): Promise<void> {
      await Promise.all([a, b].map(({ broker }) => broker.stop()));
      await Promise.all([...new Set(opened)].map((ports) => ports.close()));
      for (const folder of [home, root]) await rm(folder, { recursive: true, force: true });
    },
  };
}

type Start = { home: string; root: string; ports: ProcessPorts; isLeased: boolean };

async function startPeer({ home, root, ports, isLeased }: Start): Promise<Peer> {
  const broker = createBroker({
    // The signals of each are its own, so that a test can lose them.
    ports: Object.create(ports, { signals: { value: { ...ports.signals } } }) as ProcessPorts,
    identity: new Identity(Buffer.alloc(32, 7)),
    log: pino({ level: "silent" }),
  });
  const node = { journalFolder: join(home, broker.nodeID), pluginFolder: join(home, "plugins") };
  for (const schema of [
    usersService({ secrets: ["s".repeat(32)], registration: "open", hashing: { cost: 4 } }),
    quotaService(),
    sessionsService(),
    nodeService({ ...node, home, roots: [root], sandbox: "off" }),
    nodesService({ hostTools: "all" }),
    toolsService(),
    agentService({
      models: openModels({}),
      asker: answeringModel,
      crash: () => undefined,
      hasPeers: isLeased,
      ...{ deadlineMs: 600_000, approvalMs: 600_000, maxSteps: 5 },
    }),
  ])
    broker.createService(schema);
  await broker.start();
  const { context: agent } = broker.getLocalService("agent") as unknown as { context: AgentContext };
  const gone: string[] = [];
  if (!isLeased) agent.owners = { ...agent.owners, isAlone: false, isGone: (owner) => gone.includes(owner) };
  return { agent, broker, gone };
}
