// What the agent remembers about a user: short notes, which the user sees and edits, and which are put into later prompts.
import { z } from "zod";
import { type MemoryId, memoryId, type RunId } from "./ids.ts";

export const MEMORY_TYPES = ["preference", "fact", "episode", "task", "relation"] as const;
const memoryType = z.enum(MEMORY_TYPES);
export type MemoryType = z.infer<typeof memoryType>;

/** Notes of one user, and characters of each. */
export const MAX_MEMORIES = 500;
export const MAX_MEMORY = 2_000;
const content = z
  .string()
  .max(MAX_MEMORY)
  .regex(/\S/, "is only white space: say what is to be remembered")
  .overwrite((text) => text.trim());

/** `run_id`: the run that has written it last; not there when the user did. */
export type Memory = {
  id: MemoryId;
  type: MemoryType;
  content: string;
  created_at: string;
  updated_at: string;
  run_id?: RunId;
};

/** As a prompt has it. */
export type MemoryNote = Pick<Memory, "type" | "content">;

/** A note as `GET` gives it, so that what was read can be written back; without an id it is a new one. */
const writtenMemory = z.strictObject({
  id: memoryId.optional(),
  type: memoryType,
  content,
  created_at: z.string().max(100).optional(),
  updated_at: z.string().max(100).optional(),
  run_id: z.string().max(128).optional(),
});
/** Parameters of `tools.setMemory`: all notes of the user. */
export const setMemoryParams = z.strictObject({ memories: z.array(writtenMemory).max(MAX_MEMORIES) });
export type WrittenMemory = z.output<typeof writtenMemory>;
