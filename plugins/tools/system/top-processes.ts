// top_processes: which processes use most of the machine right now.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { topProcesses } from "./machine/processes.ts";

export default defineTool({
  name: "top_processes",
  description: "Lists the processes that use most CPU or memory right now, the heaviest first.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    limit: z.int().min(1).max(50).default(10).describe("How many processes to list"),
    by: z.enum(["cpu", "memory"]).default("cpu").describe("What to order by"),
  }),
  execute: ({ limit, by }, context) =>
    answer(context, async () => ({ processes: await topProcesses(context, by, limit) })),
});
