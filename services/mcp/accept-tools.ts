// An admin has looked at definitions and accepts them: exactly those, by their hashes.
import type { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { acceptMcpParams, McpServer } from "../../contracts/mcp.ts";
import { AppError } from "../../lib/errors.ts";
import type { Rooms } from "./added.ts";
import { auditMcp } from "./audit-mcp.ts";
import { askMachines } from "./machines.ts";
import { pin, pinsOf } from "./pins.ts";
import { oneView } from "./view.ts";

/** @throws not_found; invalid_request where it is not clear of which machine; conflict for a definition that its server does not give now */
export async function acceptTools(
  rooms: Rooms,
  caller: Caller,
  { name, node_id, tools }: z.output<typeof acceptMcpParams>,
): Promise<{ servers: McpServer[] }> {
  const { broker, sql } = rooms;
  const machines = await askMachines(broker, caller, false);
  const hosted = machines
    .filter(({ id }) => node_id === undefined || id === node_id)
    .flatMap(({ said }) => said?.servers ?? [])
    .filter((one) => one.name === name);
  const [place, another] = new Set(hosted.map((one) => one.place));
  if (place === undefined) throw new AppError("not_found", `No machine hosts an MCP server "${name}" now.`);
  if (another !== undefined)
    throw new AppError(
      "invalid_request",
      `Several machines have a server "${name}": say which one by node_id.`,
    );
  const listed = hosted.flatMap((one) => one.tools);
  const wanted = tools.map((asked) => {
    const found = listed.find((one) => one.definition.name === asked.name && one.sha256 === asked.sha256);
    if (found) return found;
    throw new AppError(
      "conflict",
      `"${asked.name}" has another definition now than the one with this hash: look at it again.`,
    );
  });
  const before = await pinsOf(sql, { place, name });
  await pin(sql, { place, name }, wanted, caller.user_id);
  const accepted = wanted.map(({ definition, sha256 }) => ({
    ...{ tool: definition.name, sha256, before: before.get(definition.name)?.sha256 ?? null },
  }));
  await auditMcp(rooms, caller, "accepted", { name, place, accepted });
  return oneView(rooms, await askMachines(broker, caller, true), name);
}
