// recall_memory: the notes about the user that fit some words.
import { z } from "zod";
import { MEMORY_TYPES } from "../../../contracts/memory.ts";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";

export default defineServerTool({
  name: "recall_memory",
  description:
    "Finds notes kept with update_memory: those with words of the query as written (try several), the best first; without a query the newest. They may be out of date.",
  category: "memory",
  risk: "read",
  runsOn: "server",
  scope: "account",
  idempotent: true,
  parameters: z.strictObject({
    query: z.string().max(1_000).optional(),
    type: z.enum(MEMORY_TYPES).optional(),
    limit: z.int().min(1).max(50).default(10),
  }),
  async execute({ query = "", type, limit }, { doors: { memory } }) {
    const found = await memory.find(query, type);
    return { ok: true, data: { memories: found.slice(0, limit), found: found.length } };
  },
});
