// The tools that the server runs itself: found like the built-in tools of machines, and described like those of a machine that
// everybody has. A user's plugin can be none of them.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import type { UsableNode } from "../../../contracts/nodes.ts";
import type { ServerSetup, ServerTool } from "../../../contracts/server-tools.ts";
import type { NodeTool } from "../../../contracts/tools.ts";
import { hasScope } from "../../../lib/broker/authorization.ts";
import { DEFAULT_LIMIT_MS } from "../../../lib/tools/calls/run-tool.ts";
import { parametersForModel } from "../../../lib/tools/check-tool.ts";
import { builtInFiles } from "../../../lib/tools/plugin-files.ts";

export const SERVER_TOOLS = join(import.meta.dirname, "../../../plugins/server-tools");

/** The longest a server tool may take whose limit depends on its arguments. */
const LONGEST_LIMIT_MS = 600_000;

/** In the order of their files. */
export async function loadServerTools(): Promise<ServerTool[]> {
  const files = await builtInFiles(SERVER_TOOLS);
  return Promise.all(
    files.map(async ({ file }) => {
      const { default: tool } = (await import(pathToFileURL(file).href)) as { default: ServerTool };
      return tool;
    }),
  );
}

/** The machine that everybody has and that is none. */
export type ServerNode = {
  /** With the tools that the credential is offered. */
  for(caller: Pick<Caller, "scopes">, hasMachine: boolean): UsableNode;
  /** Of all its tools, offered or not: no machine's tool is taken for one of them. */
  names: ReadonlySet<string>;
};

/** What such a machine has no use for is empty. */
export function serverNode(tools: ServerTool[], setup: ServerSetup): ServerNode {
  const offered = tools
    .filter(({ isOffered }) => isOffered?.(setup) ?? true)
    .map((tool) => ({ ...tool, described: describeTool(tool) }));
  const nothing = { host_name: "", platform: "", version: "", home: "/", roots: [], skipped_plugins: [] };
  return {
    for: (caller, hasMachine) => ({
      id: "server" as NodeId,
      name: "the server",
      way: { kind: "server" },
      ...{ labels: {}, is_own: true, allows: "all" },
      ...nothing,
      sandbox: "on",
      tools: offered
        .filter(({ scope }) => scope === undefined || hasScope(caller, scope))
        .filter(({ needsMachine = false }) => hasMachine || !needsMachine)
        .map(({ described }) => described),
    }),
    names: new Set(tools.map(({ name }) => name)),
  };
}

function describeTool(tool: ServerTool): NodeTool {
  const { name, category, description, risk, timeoutMs } = tool;
  return {
    ...{ name, category, description, risk },
    parameters: parametersForModel(tool.parameters),
    runs_on: "server",
    egress: tool.egress !== undefined,
    idempotent: tool.idempotent === true,
    changes: [],
    timeout_ms: typeof timeoutMs === "function" ? LONGEST_LIMIT_MS : (timeoutMs ?? DEFAULT_LIMIT_MS),
  };
}
