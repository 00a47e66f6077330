// Which notes go into a prompt: how somebody wants it and what is true of them first, of each kind the newest. Pure.
import type { Memory, MemoryNote, MemoryType } from "../../../contracts/memory.ts";
import { headOf } from "../../../lib/cut-text.ts";

/** Characters of all notes of a prompt, and of one. */
const MOST = 4_000;
const MOST_OF_ONE = 500;
const FIRST: MemoryType[] = ["preference", "fact", "relation", "task", "episode"];

/** @param memories oldest first. @returns by kind and then oldest first, so that one more note changes little of a prompt */
export function chosenForPrompt(memories: Memory[]): MemoryNote[] {
  const ordered = FIRST.flatMap((type) => memories.filter((memory) => memory.type === type).toReversed());
  const chosen = new Set<Memory>();
  let left = MOST;
  for (const memory of ordered) {
    left -= shortened(memory.content).length;
    if (left < 0) break;
    chosen.add(memory);
  }
  return FIRST.flatMap((type) => memories.filter((memory) => memory.type === type && chosen.has(memory))).map(
    ({ type, content }) => ({ type, content: shortened(content) }),
  );
}

function shortened(content: string): string {
  return content.length <= MOST_OF_ONE ? content : `${headOf(content, MOST_OF_ONE - 1)}…`;
}
