// check_delegated_tasks: what became of the tasks of this conversation that were handed on.
import { z } from "zod";
import { TASK_STATES } from "../../../contracts/delegated-tasks.ts";
import { defineServerTool } from "../../../lib/tools/define-server-tool.ts";

export default defineServerTool({
  name: "check_delegated_tasks",
  description:
    "Lists the tasks of this conversation that delegate_task handed on, newest first: state, and the result of those that have ended. waiting_approval waits for the user's answer. Results come back by themselves: do not keep asking.",
  category: "tasks",
  risk: "read",
  runsOn: "server",
  scope: "chat",
  idempotent: true,
  parameters: z.strictObject({
    status: z.enum(TASK_STATES).optional(),
    limit: z.int().min(1).max(50).default(10),
  }),
  async execute({ status, limit }, { doors: { tasks } }) {
    return { ok: true, data: { tasks: await tasks.list({ limit, ...(status ? { status } : {}) }) } };
  },
});
