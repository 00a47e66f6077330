// process_list: the processes of this machine, without their arguments.
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { listProcesses } from "./machine/processes.ts";

export default defineTool({
  name: "process_list",
  description:
    "Lists running processes by pid: parent, user, CPU, memory and program. Arguments are left out, because they may hold secrets.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    filter: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("Only processes whose program or user contains this text, in any case"),
    limit: z.int().min(1).max(1_000).default(100).describe("Most processes to list"),
  }),
  execute: ({ filter, limit }, context) =>
    answer(context, async () => {
      const wanted = filter?.toLowerCase() ?? "";
      const all = await listProcesses(context);
      // Looks at what is shown only: else the filter could be used to guess what is hidden.
      const found = all.filter(({ command, user }) =>
        [command, user].some((text) => text.toLowerCase().includes(wanted)),
      );
      return { processes: found.slice(0, limit), total: found.length };
    }),
});
