// The processes of the installation, what each serves, and how one of them is taken out of service.
import type { ActionName } from "../../../contracts/actions.ts";
import { ownVersion } from "../../terminal/own-version.ts";
import { Patience } from "../patience.ts";
import type { Command, Given, Room } from "../room.ts";
import { line, shortProcess, table } from "../show.ts";

type Node = {
  id: string;
  available: boolean;
  hostname?: string;
  ipList?: string[];
  services?: { name: string }[];
  metadata?: { bus?: { version?: string } };
};

/** A drain takes what is nearly done with it, and hands the rest over. */
const DRAINED_MS = 60_000;

/** Those that were seen by this process, dead ones included for a while. */
function processesOf({ broker }: Room): Node[] {
  const options = { onlyAvailable: false, withServices: true };
  const all = broker.registry.getNodeList(options) as unknown as Node[];
  return all.toSorted((a, b) => a.id.localeCompare(b.id));
}

const servicesOf = ({ services = [] }: Node) =>
  services
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("$"))
    .toSorted();

const nodes: Command = {
  name: "nodes",
  async run(room, { texts: { repl } }) {
    const found = processesOf(room).map((node) => ({
      id: node.id,
      available: node.available,
      is_this: node.id === room.broker.nodeID,
      services: servicesOf(node),
      version: node.id === room.broker.nodeID ? ownVersion() : (node.metadata?.bus?.version ?? null),
      hostname: node.hostname ?? null,
      addresses: node.ipList ?? [],
    }));
    const { process, state, version, services } = repl.columns;
    const rows = found.map((node) => [
      shortProcess(node.id),
      node.available ? repl.online : repl.offline,
      node.version ?? "–",
      node.services.join(",") || repl.none,
    ]);
    return { json: { nodes: found }, show: table([process, state, version, services], rows, repl.nothing) };
  },
};

const services: Command = {
  name: "services",
  async run({ broker }, { texts: { repl } }) {
    const all = broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true });
    const names = [...new Set(all.map(({ name }) => name))].toSorted();
    const json = names.map((name) => ({
      name,
      processes: all.filter((one) => one.name === name).map(({ nodeID }) => String(nodeID)),
    }));
    const rows = json.map(({ name, processes }) => [name, processes.map(shortProcess).join(", ")]);
    return {
      json: { services: json },
      show: table([repl.columns.service, repl.columns.processes], rows, repl.nothing),
    };
  },
};

const actions: Command = {
  name: "actions",
  takes: ["service?"],
  async run({ broker }, { words: [wanted], texts: { repl } }) {
    const all = broker.registry.getActionList({
      onlyAvailable: true,
      skipInternal: true,
      withEndpoints: true,
    });
    const json = (all as unknown as { name: ActionName; count: number }[])
      .filter(({ name }) => wanted === undefined || name.startsWith(`${wanted}.`))
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(({ name, count }) => ({ name, processes: count }));
    const rows = json.map(({ name, processes }) => [name, String(processes)]);
    return {
      json: { actions: json },
      show: table([repl.columns.action, repl.columns.processes], rows, repl.nothing),
    };
  },
};

const drain: Command = {
  name: "drain",
  takes: ["process"],
  async run(room, given) {
    const { repl } = given.texts;
    const { id } = processOf(room, given);
    await given.agree(repl.confirmDrain(id), "y");
    const { runs } = await room.ask("agent.adminDrain", {}, { nodeID: id });
    const patience = new Patience(DRAINED_MS);
    while (agentsOf(room).includes(id)) await patience.wait(repl.stillDraining(id));
    return { json: { process: id, runs, drained: true }, show: line(repl.drained(id)) };
  },
};

/** The processes that work runs: those that can be drained. */
export function agentsOf(room: Room): string[] {
  return processesOf(room)
    .filter((node) => node.available && servicesOf(node).includes("agent"))
    .map(({ id }) => id);
}

/** By its whole name or the beginning of it. @throws Error in words when it is none, several, or has no agent */
function processOf(room: Room, { words: [given = ""], texts: { repl } }: Given): Node {
  const found = processesOf(room).filter(({ id, available }) => available && id.startsWith(given));
  if (found.length > 1) throw new Error(repl.severalProcesses(given, found.map(({ id }) => id).join(", ")));
  if (!found[0]) throw new Error(repl.noProcess(given));
  if (!servicesOf(found[0]).includes("agent")) throw new Error(repl.noAgent(found[0].id));
  return found[0];
}

export const PROCESS_COMMANDS = [nodes, services, actions, drain];
