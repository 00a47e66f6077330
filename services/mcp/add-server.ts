// An admin adds a server: it is started, and what it lists is in the answer and accepted with it.
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../contracts/access.ts";
import { type AddedMcpServer, EVERYWHERE, type McpServer } from "../../contracts/mcp.ts";
import { requireAllRights } from "../../lib/broker/authorization.ts";
import { AppError } from "../../lib/errors.ts";
import { added, type Rooms } from "./added.ts";
import { auditMcp } from "./audit-mcp.ts";
import { type AskedMachine, askMachines } from "./machines.ts";
import { pin } from "./pins.ts";
import { oneView } from "./view.ts";

const MOST = 50;
/** So long it may take until its tools are listed: one that takes longer has none that is accepted. */
const START_MS = 25_000;
const LOOK_MS = 200;

/** @throws conflict when there is one of this name, or too many; scope_missing: it makes the machines run something */
export async function addServer(
  rooms: Rooms,
  caller: Caller,
  given: AddedMcpServer,
): Promise<{ servers: McpServer[] }> {
  requireAllRights(caller, "Adding an MCP server");
  const { broker, sql } = rooms;
  const { name } = given;
  const before = await askMachines(broker, caller, false);
  if (before.some(({ said }) => said?.servers.some((one) => one.name === name && one.place !== EVERYWHERE)))
    throw new AppError(
      "conflict",
      `A server "${name}" stands in mcp.json of a machine. Choose another name.`,
    );
  if ((await added(sql)).length >= MOST)
    throw new AppError("conflict", `There are ${MOST} servers already: remove one first.`);
  const row = { added_at: new Date().toISOString(), added_by: caller.user_id as string };
  const { numInsertedOrUpdatedRows = 0n } = await sql
    .insertInto("mcp_servers")
    .values({ name, given: JSON.stringify(given), ...row })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n)
    throw new AppError("conflict", `There is a server "${name}" already: remove it first.`);
  await auditMcp(rooms, caller, "added", { name, kind: given.command === undefined ? "http" : "stdio" });
  const machines = await whenStarted(rooms, caller, name);
  const [first] = machines
    .flatMap(({ said }) => hostedIn(said, name))
    .filter(({ tools }) => tools.length > 0);
  if (!first) return oneView(rooms, machines, name);
  await pin(sql, { place: EVERYWHERE, name }, first.tools, caller.user_id);
  return oneView(rooms, await askMachines(broker, caller, true), name);
}

const hostedIn = (said: AskedMachine["said"], name: string) =>
  said?.servers.filter((one) => one.name === name && one.place === EVERYWHERE) ?? [];

async function whenStarted({ broker }: Rooms, caller: Caller, name: string): Promise<AskedMachine[]> {
  const until = performance.now() + START_MS;
  for (let machines = await askMachines(broker, caller, true); ; await sleep(LOOK_MS)) {
    const hosted = machines.flatMap(({ said }) => hostedIn(said, name));
    if (hosted.every(({ state }) => state !== "starting") || performance.now() > until) return machines;
    machines = await askMachines(broker, caller, false);
  }
}
