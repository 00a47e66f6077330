// delegate_task: hands a task on to a run of its own in the background.
import { z } from "zod";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";

export default defineServerTool({
  name: "delegate_task",
  description:
    "Hands a task to a background run with the same tools, while you go on. It sees nothing of this conversation, so task and context say all it must know, and gets half of what is left of this run's budget. Its result comes back here. For long work that stands on its own.",
  category: "tasks",
  risk: "write",
  runsOn: "server",
  scope: "chat",
  parameters: z.strictObject({
    task: z
      .string()
      .max(20_000)
      .regex(/\S/, "is only white space: say what is to be done")
      .describe("What to do, and what the result must contain; line 1 is the title"),
    context: z.string().max(100_000).optional(),
  }),
  async execute({ task, context }, { doors: { tasks } }) {
    const begun = await tasks.delegate({ task, ...(context === undefined ? {} : { context }) });
    return "refused" in begun ? { ok: false, error: begun.refused } : { ok: true, data: begun };
  },
});
