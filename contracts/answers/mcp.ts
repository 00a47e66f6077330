// What admins see of MCP servers. Neither arguments nor addresses nor values are among it: any of them may be a secret.
import { z } from "zod";

const definition = z.object({
  name: z.string(),
  description: z.string(),
  input_schema: z.record(z.string(), z.unknown()),
});
const tool = z.object({
  name: z.string().describe("as its server calls it"),
  tool: z.string().nullable().describe("as models and policies call it; null while it is withheld"),
  state: z.enum(["accepted", "changed", "new"]),
  sha256: z.string().describe("of the definition that its server gives now"),
  definition,
  accepted: z
    .object({ sha256: z.string(), definition, accepted_at: z.string(), accepted_by: z.string().nullable() })
    .nullable()
    .describe(
      "the definition that is pinned; accepted_by is null where it was the first list of a server of mcp.json",
    ),
  differences: z
    .array(z.object({ path: z.string(), accepted: z.string().nullable(), now: z.string().nullable() }))
    .describe("of a changed one, as JSON, long ones cut"),
});
const server = z.object({
  name: z.string(),
  source: z.enum(["file", "api"]).describe("file: mcp.json of the machine; api: added by an admin"),
  node_id: z.string().nullable().describe("the machine that hosts it; null while none does"),
  kind: z.enum(["stdio", "http"]),
  target: z.string().describe("the program, or the host"),
  state: z.enum(["ready", "starting", "failed", "disabled", "away"]),
  problem: z.string().nullable(),
  tools: z.array(tool),
});
export type McpServer = z.output<typeof server>;

export const mcpServers = z.object({
  servers: z.array(server),
  problems: z
    .array(z.object({ node_id: z.string(), problem: z.string() }))
    .describe("what is wrong with mcp.json of a machine, or with asking the machine"),
});
export type McpServers = z.output<typeof mcpServers>;
export const oneMcpServer = z.object({
  servers: z.array(server).describe("the server on each machine that hosts it"),
});
