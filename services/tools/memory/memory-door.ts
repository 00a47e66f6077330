// The way of one call to what is remembered about its user, and to nobody else's.
import { ID_PREFIXES, type MemoryId } from "../../../contracts/ids.ts";
import type { MemoryDoor, ServerToolContext } from "../../../contracts/server-tools.ts";
import type { Memories } from "./memories.ts";
import { rankMemories } from "./rank-memories.ts";

export function memoryDoor(
  memories: Memories,
  { user_id, run_id, call_id }: ServerToolContext["call"],
): MemoryDoor {
  // A call that is sent again adds the same note.
  const id = (ID_PREFIXES.memory + call_id.slice(ID_PREFIXES.call.length)) as MemoryId;
  return {
    add: (note) => memories.add(user_id, id, note, run_id),
    edit: (which, note) => memories.edit(user_id, which as MemoryId, note, run_id),
    remove: (which) => memories.remove(user_id, which as MemoryId),
    async find(query, type) {
      const all = await memories.of(user_id);
      const ofType = type === undefined ? all : all.filter((memory) => memory.type === type);
      return rankMemories(ofType, query);
    },
  };
}
