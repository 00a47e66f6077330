// MCP servers as admins see them: what the machines say of those they host, beside what is accepted.
import type { McpServers } from "../../contracts/answers/mcp.ts";
import {
  type AddedMcpServer,
  EVERYWHERE,
  type HostedMcpServer,
  type ListedMcpTool,
  type McpServer,
} from "../../contracts/mcp.ts";
import { added, type Rooms } from "./added.ts";
import { differencesOf } from "./differences.ts";
import type { AskedMachine } from "./machines.ts";
import { type Pin, pinsOf } from "./pins.ts";

export async function viewOf({ sql }: Pick<Rooms, "sql">, machines: AskedMachine[]): Promise<McpServers> {
  const servers: McpServer[] = [];
  for (const { id, said } of machines)
    for (const server of said?.servers ?? []) servers.push(serverView(id, server, await pinsOf(sql, server)));
  const isHosted = (name: string) => servers.some((one) => one.name === name && one.source === "api");
  for (const one of await added(sql)) if (!isHosted(one.name)) servers.push(awayView(one));
  return { servers, problems: machines.flatMap(problemsOf) };
}

/** The server of this name wherever it is. */
export async function oneView(rooms: Pick<Rooms, "sql">, machines: AskedMachine[], name: string) {
  const { servers } = await viewOf(rooms, machines);
  return { servers: servers.filter((one) => one.name === name) };
}

function problemsOf({ id, said }: AskedMachine): McpServers["problems"] {
  if (!said) return [{ node_id: id, problem: "This machine does not say which MCP servers it hosts." }];
  return said.faults.map((problem) => ({ node_id: id, problem }));
}

function serverView(id: string, server: HostedMcpServer, pins: Map<string, Pin>): McpServer {
  const { name, place, kind, target, state, problem, tools } = server;
  return {
    ...{ name, source: place === EVERYWHERE ? "api" : "file", node_id: id, kind, target, state, problem },
    tools: tools.map((tool) => toolView(tool, pins.get(tool.definition.name))),
  };
}

function toolView(
  { sha256, definition, tool }: ListedMcpTool,
  pin: Pin | undefined,
): McpServer["tools"][number] {
  const state = pin === undefined ? "new" : pin.sha256 === sha256 ? "accepted" : "changed";
  return {
    ...{ name: definition.name, tool, state, sha256, definition, accepted: pin ?? null },
    differences: pin && state === "changed" ? differencesOf(pin.definition, definition) : [],
  };
}

/** No machine that is there hosts it. */
function awayView({ name, command, url }: AddedMcpServer): McpServer {
  const kind = command === undefined ? "http" : "stdio";
  const target = command?.split("/").at(-1) ?? URL.parse(url ?? "")?.host ?? "";
  return { name, source: "api", node_id: null, kind, target, state: "away", problem: null, tools: [] };
}
