// How much of what a Mac says of itself MCP servers may take: the hub reads no description that says too much (contracts/mac-description.ts),
// and then the Mac would have no tools at all.
import type { Tool } from "../../contracts/tools.ts";
import { parametersForModel } from "../../lib/tools/check-tool.ts";

/** Of one server, and of all together: tools, characters, and values in their schemas. */
const OF_ONE = { tools: 100, characters: 150_000, parts: 4_000 };
const OF_ALL = { tools: 250, characters: 400_000, parts: 12_000 };

type Room = typeof OF_ONE;

export class McpRoom {
  readonly #left: Room = { ...OF_ALL };

  /** Those of a server's tools that there is room for, the first ones first. */
  take(tools: Tool[]): Tool[] {
    const own: Room = { ...OF_ONE };
    return tools.filter((tool) => {
      const needs = needsOf(tool);
      if (!fits(needs, own) || !fits(needs, this.#left)) return false;
      for (const room of [own, this.#left]) subtract(room, needs);
      return true;
    });
  }
}

function needsOf({ name, description, parameters }: Tool): Room {
  const schema = parametersForModel(parameters);
  const characters = name.length + description.length + JSON.stringify(schema).length;
  return { tools: 1, characters, parts: partsIn(schema) };
}

const KINDS = ["tools", "characters", "parts"] as const;
const fits = (needs: Room, room: Room) => KINDS.every((kind) => needs[kind] <= room[kind]);

function subtract(room: Room, needs: Room): void {
  for (const kind of KINDS) room[kind] -= needs[kind];
}

function partsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + partsIn(part), 1);
}
