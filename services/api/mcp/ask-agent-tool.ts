// The tool `ask_agent` as it is listed, and its arguments.
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { chatBody } from "../../../contracts/agent.ts";
import { runId } from "../../../contracts/ids.ts";

export const ASK_AGENT = "ask_agent";

export const askAgentParams = z
  .strictObject({
    message: chatBody.shape.message.optional().describe("What the agent is to do, in words"),
    session_id: chatBody.shape.session_id.describe("Goes on in this session; a new one unless given"),
    model: chatBody.shape.model.describe("`provider/model`; the session's, or the default, unless given"),
    run_id: runId.optional().describe("Waits for a run that was begun before, instead of beginning one"),
  })
  .refine(({ message, run_id }) => (message === undefined) !== (run_id === undefined), {
    error: 'give it, or "run_id", and not both',
    path: ["message"],
  })
  .refine(({ session_id, model, run_id }) => run_id === undefined || (session_id ?? model) === undefined, {
    error: 'belongs to a new run: leave out "session_id" and "model"',
    path: ["run_id"],
  });

export const askAgentResult = z.object({
  run_id: z.string(),
  session_id: z.string(),
  status: z.enum(["completed", "failed", "cancelled", "waiting_approval"]),
  answer: z.string().describe("Its answer; empty where there is none"),
  approvals: z
    .array(z.looseObject({ call_id: z.string(), name: z.string(), node_id: z.string().nullable() }))
    .optional()
    .describe("The calls it waits for an answer about"),
});
export type AskAgentResult = z.infer<typeof askAgentResult>;

const schemaOf = (schema: z.ZodType) => {
  const { $schema: _schema, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json as Tool["inputSchema"];
};

export function askAgentTool(): Tool {
  const title = "Ask the agent";
  return {
    name: ASK_AGENT,
    title,
    description:
      "Gives a task to MacJarvis' own agent, which works on it with the user's tools and machines, and answers with what it says at the end. It may take minutes.",
    inputSchema: schemaOf(askAgentParams),
    outputSchema: schemaOf(askAgentResult),
    annotations: {
      title,
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
  };
}
