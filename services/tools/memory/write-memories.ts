// The user itself writes what is remembered about it, with the entry in the audit trail.
import type { Caller } from "../../../contracts/access.ts";
import type { Memory, WrittenMemory } from "../../../contracts/memory.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import { auditMemory } from "../audit-tools.ts";
import type { Memories } from "./memories.ts";

type Rooms = { memories: Memories; ports: Pick<Ports, "moments" | "audit"> };

/** Replaces all of it. @throws invalid_request */
export function writeMemories(
  { memories, ports }: Rooms,
  caller: Caller,
  written: WrittenMemory[],
): Promise<Memory[]> {
  return ports.moments.run(async () => {
    const kept = await memories.replace(caller.user_id, written);
    await auditMemory(ports.audit, caller, kept.length);
    return kept;
  });
}
