// What a server that has just started can say about itself; `start-server.ts` collects it for the banner.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { ModelInfo } from "../../contracts/agent.ts";
import type { NodeDescription } from "../../contracts/tools.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import { edgeSettingsOf } from "../../lib/env/edge.ts";
import { type Environment, isLoopback, registrationOf } from "../../lib/env.ts";
import type { ProcessPorts } from "../../lib/ports/ports.ts";
import { listFaults } from "../../plugins/models/provider-names.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";
import { quotedForShell } from "../terminal/quoted-for-shell.ts";

export type Facts = {
  /** As people on this machine reach it: `http://host:port`, never a wildcard address. */
  url: string;
  /** Reachable from other machines. */
  isPublic: boolean;
  home: string;
  models: ModelInfo[];
  defaultModel: string;
  /** What is wrong with model servers, as far as it is known at the start. */
  serverFaults?: string[];
  /** What of MODELS and FALLBACK_MODELS names no provider. */
  modelFaults: string[];
  tools: number;
  roots: string[];
  sandbox: NodeDescription["sandbox"];
  /** Why no sandbox can start and the command that mends it. */
  sandboxProblem?: string;
  hostTools: Environment["HOST_TOOLS"];
  registration: "open" | "invite" | "closed";
  /** Signs a browser in, once; where nobody has logged in as the owner yet. */
  consoleLink?: string;
  /** Where Prometheus reads, when it may. */
  metricsUrl?: string;
  /** Where Macs find the edge, when they may join. */
  edgeUrl?: string;
  /** What is wrong already ("the disk of … is full"). */
  problems: string[];
  /** What goes before `npm run chat` so that it finds this server: `"MACJARVIS_URL=… "`, or nothing. */
  prefix: string;
};

type Sources = {
  env: Environment;
  /** As the gateway listens. */
  url: string;
  broker: ServiceBroker;
  ports: Pick<ProcessPorts, "check">;
  metricsUrl: string | undefined;
  models: Pick<ModelRegistry, "list" | "serverFaults" | "default">;
};

/** How long the start waits for model servers to say how they are: one that does not answer must not hold it up. */
const PATIENCE_MS = 500;

/** Asks the models and the node of this process; both run already. */
export async function factsOf({ env, url, broker, ports, metricsUrl, models }: Sources): Promise<Facts> {
  const list = await models.list(PATIENCE_MS);
  const node = await callAs(broker, "start", SYSTEM, "node.describe", {});
  const reachable = reachableUrl(url);
  const edge = edgeSettingsOf(env);
  return {
    url: reachable,
    isPublic: !isLoopback(env.HOST),
    home: env.MACJARVIS_HOME,
    models: list,
    serverFaults: await models.serverFaults(0),
    defaultModel: models.default,
    modelFaults: listFaults(env),
    tools: node.tools.length,
    roots: env.TOOL_ROOTS ?? [homedir()],
    sandbox: node.sandbox,
    ...(node.sandbox_problem === undefined ? {} : { sandboxProblem: node.sandbox_problem }),
    hostTools: env.HOST_TOOLS,
    registration: registrationOf(env),
    ...(metricsUrl === undefined ? {} : { metricsUrl }),
    ...(edge === undefined ? {} : { edgeUrl: edge.publicUrl }),
    problems: await ports.check(),
    prefix: prefixOf(reachable, env.MACJARVIS_HOME),
  };
}

/** A wildcard is where to listen, not where to go. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

function prefixOf(url: string, home: string): string {
  const parts: string[] = [];
  if (url !== "http://127.0.0.1:3000") parts.push(`MACJARVIS_URL=${url} `);
  if (home !== join(homedir(), ".macjarvis")) parts.push(`MACJARVIS_HOME=${quotedForShell(home)} `);
  return parts.join("");
}
