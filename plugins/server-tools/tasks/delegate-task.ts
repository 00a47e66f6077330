// delegate_task: hands a task on to a run of its own in the background.
import { z } from "zod";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";

export default defineServerTool({
  name: "delegate_task",
  description:
    "Hands a task on to a run of its own that works in the background, with the same tools, for the same user, while you go on. It sees nothing of this conversation: say in the task what is to be done and what the result must contain, and in context what it must know. It gets half of what is left of this run's budget. Its result comes back into this conversation when it has ended; check_delegated_tasks tells how it goes. Use it for work that is long and stands on its own; several at once are fine. A task that was itself handed on twice cannot hand on more.",
  category: "tasks",
  risk: "write",
  runsOn: "server",
  scope: "chat",
  parameters: z.strictObject({
    task: z
      .string()
      .min(1)
      .max(20_000)
      .regex(/\S/, "is only white space: say what is to be done")
      .describe("What is to be done, and what the result must contain; its first line is the title"),
    context: z.string().max(100_000).optional().describe("What the task must know: names, paths, decisions"),
  }),
  async execute({ task, context }, { doors: { tasks } }) {
    const begun = await tasks.delegate({ task, ...(context === undefined ? {} : { context }) });
    return "refused" in begun ? { ok: false, error: begun.refused } : { ok: true, data: begun };
  },
});
