// get_environment_variables: names of the variables, and values of a few harmless ones only (G21).
import { z } from "zod";
import { environmentNames } from "../../../lib/env.ts";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

export default defineTool({
  name: "get_environment_variables",
  description:
    "Lists the names of the environment variables. Values are shown for a few harmless ones only (PATH, HOME, LANG …), never for others, because they may hold secrets.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({
    name: z.string().min(1).max(200).optional().describe("Only this variable; all unless given"),
  }),
  execute: ({ name }, context) =>
    answer(context, async () => {
      const all = environmentNames();
      const variables = name === undefined ? all : all.filter((variable) => variable.name === name);
      return { variables };
    }),
});
