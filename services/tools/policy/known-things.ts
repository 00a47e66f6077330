// What a rule may be about: the tools, categories and machines of its user, and the tools that every machine may have.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../../contracts/access.ts";
import { callAs } from "../../../lib/broker/action.ts";
import type { Machines } from "../machines/machines.ts";
import { SERVER_TOOLS } from "../server/load-tools.ts";

export type KnownThings = {
  tools: Set<string>;
  categories: Set<string>;
  /** Names by id: all machines of the user, also one that is not there now. */
  nodes: Map<string, string>;
  /** Tools that a machine of the user has now. */
  atHand: { name: string; category: string }[];
};

const BUILT_IN = join(import.meta.dirname, "../../../plugins/tools");

/** Also for a user who has no machine yet: the built-in tools are known by name to everybody. */
export async function knownThings(
  broker: ServiceBroker,
  machines: Machines,
  caller: Caller,
): Promise<KnownThings> {
  const [usable, { nodes }, builtIn] = await Promise.all([
    machines.usable(caller),
    callAs(broker, "tools", caller, "nodes.list", {}),
    builtInTools(),
  ]);
  const atHand = usable.flatMap(({ tools }) => tools);
  const all = [...builtIn, ...atHand];
  return {
    tools: new Set(all.map(({ name }) => name)),
    categories: new Set(all.map(({ category }) => category)),
    nodes: new Map(nodes.map(({ id, name }) => [id, name])),
    atHand,
  };
}

let read: Promise<{ name: string; category: string }[]> | undefined;

/** By the names of their files (a test holds them equal): to load them all only to know what they are called costs too much. */
export function builtInTools(): Promise<{ name: string; category: string }[]> {
  read ??= readBuiltIn();
  return read;
}

async function readBuiltIn(): Promise<{ name: string; category: string }[]> {
  return (await Promise.all([BUILT_IN, SERVER_TOOLS].map(toolsIn))).flat();
}

async function toolsIn(place: string): Promise<{ name: string; category: string }[]> {
  const folders = (await readdir(place, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const found = await Promise.all(
    folders.map(async ({ name: category }) =>
      (await readdir(join(place, category), { withFileTypes: true }))
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
        .map((entry) => ({ category, name: entry.name.slice(0, -".ts".length).replaceAll("-", "_") })),
    ),
  );
  return found.flat();
}
