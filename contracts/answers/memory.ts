// What is remembered about a user, as clients see it.
import { z } from "zod";
import { MEMORY_TYPES } from "../memory.ts";
import { EXAMPLE, id, named, time } from "./basics.ts";

export const memory = named(
  "Memory",
  "A note of the agent about its user. `run_id`: the run that has written it last; not there when the user did.",
  z.strictObject({
    id: id("memory"),
    type: z.enum(MEMORY_TYPES),
    content: z.string(),
    created_at: time,
    updated_at: time,
    run_id: id("run").optional(),
  }),
  {
    id: "mem_01kb3mag1e5p9w3k6m2y8b7c0d",
    type: "preference",
    content: "Answers in Chinese.",
    created_at: EXAMPLE.time,
    updated_at: EXAMPLE.time,
  },
);
/** Oldest first. */
export const memories = z.strictObject({ memories: z.array(memory) });
