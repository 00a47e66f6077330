// Servers of the Model Context Protocol whose tools the machines of the core have: how one is described (in `mcp.json` and by admins), what a
// machine says of those it hosts, and the parameters of the `mcp` actions.
import { z } from "zod";
import type * as answers from "./answers/mcp.ts";
import { nodeId } from "./ids.ts";

export type McpServer = answers.McpServer;

export const mcpName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/,
    "must be letters, digits, dots, dashes and underscores, at most 60, a letter or digit first",
  );
const word = z.string().max(4_096);
const words = (name: RegExp, what: string) =>
  z
    .record(z.string().regex(name, `must be the name of ${what}`), word)
    .refine((all) => Object.keys(all).length <= 100, "has at most 100 entries");

/** Of one server, as `mcpServers` has it. Texts may hold `${NAME}` and `${NAME:-otherwise}`: variables of the machine's environment. */
const FIELDS = {
  command: word.min(1).optional(),
  args: z.array(word).max(100).optional(),
  env: words(/^[A-Za-z_]\w{0,99}$/, "a variable").optional(),
  /** In a folder that tools may touch. */
  cwd: word.min(1).optional(),
  url: word.min(1).optional(),
  type: z.enum(["stdio", "http", "streamable-http", "streamableHttp", "sse"]).optional(),
  headers: words(/^[A-Za-z0-9-]{1,100}$/, "a header").optional(),
  /** That a call of it may take; 60 unless given. */
  seconds: z.int().min(1).max(3_600).optional(),
};
/** Rights that other programs give by such a file; here nobody gets one by it. */
const IGNORED = {
  autoApprove: z.unknown(),
  alwaysAllow: z.unknown(),
  trust: z.unknown(),
  description: z.unknown(),
};

type Fields = z.output<z.ZodObject<typeof FIELDS>>;

const OF_A_PROGRAM = ["args", "env", "cwd"] as const;

function whole(given: Fields, ctx: z.RefinementCtx): void {
  const isProgram = given.command !== undefined;
  const fault = (field: string, message: string) => ctx.addIssue({ code: "custom", path: [field], message });
  if (isProgram === (given.url !== undefined)) {
    fault(
      "command",
      'must be there, or a "url": one of the two; with a command go "args", "env" and "cwd", with a url "headers"',
    );
    return;
  }
  if (isProgram && given.headers) fault("headers", "is for servers with a url; a command has env");
  if (isProgram && given.type !== undefined && given.type !== "stdio")
    fault("type", "is stdio for a command");
  if (!isProgram && given.type === "stdio") fault("type", "is http or sse for a url");
  if (!isProgram)
    for (const field of OF_A_PROGRAM)
      if (given[field] !== undefined) fault(field, "is for servers with a command");
}

/** One of `mcp.json`. What only whoever has the machine may say: that it is off, and that its address is one of the machine's own network. */
export const mcpFileServer = z
  .strictObject({
    ...FIELDS,
    ...z.object(IGNORED).partial().shape,
    disabled: z.boolean().optional(),
    private_network: z.boolean().optional(),
  })
  .superRefine(whole);
export type McpFileServer = z.output<typeof mcpFileServer>;

/** Variables that admins may name over the API: the others of the environment are not theirs to send anywhere. */
const OPEN_VARIABLE = /^MCP_/;
const REFERENCE = /\$\{([^}:]*)(?::-[^}]*)?\}/g;

function openVariables(given: Fields, ctx: z.RefinementCtx): void {
  const { command, args, env, cwd, url, headers } = given;
  const texts = { command, cwd, url, args: args?.join("\n"), env: env && Object.values(env).join("\n") };
  const all = { ...texts, headers: headers && Object.values(headers).join("\n") };
  for (const [field, text = ""] of Object.entries(all))
    for (const [, name = ""] of text.matchAll(REFERENCE))
      if (!OPEN_VARIABLE.test(name))
        ctx.addIssue({
          code: "custom",
          path: [field],
          message: `names the variable ${name}: over the API only those may be named that begin with MCP_`,
        });
}

/** Body of POST /admin/mcp-servers. */
export const addMcpServerParams = z
  .strictObject({ name: mcpName, ...FIELDS })
  .superRefine(whole)
  .superRefine(openVariables);
export type AddedMcpServer = z.output<typeof addMcpServerParams>;
export const mcpServerParams = z.strictObject({ name: mcpName });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a hash as the list of servers shows it");
const toolName = z.string().min(1).max(200);
/**
 * Body of POST /admin/mcp-servers/{name}/accept: which definitions, by their hashes, so that nothing is accepted but what was looked at.
 * `node_id`: of which machine, where several have a server of this name in their `mcp.json`.
 */
export const acceptMcpParams = z.strictObject({
  name: mcpName,
  node_id: nodeId.optional(),
  tools: z
    .array(z.strictObject({ name: toolName, sha256 }))
    .min(1)
    .max(100),
});

/** What of a tool counts: what a model reads of it. */
const definition = z.strictObject({
  name: toolName,
  description: z.string().max(100_000),
  input_schema: z.record(z.string(), z.unknown()),
});
export type McpDefinition = z.output<typeof definition>;

/**
 * Where a server stands: in a machine's `mcp.json` (by the machine's own name), or with all that admins have added. Its pins stand there as
 * well.
 */
const place = z.string().min(1).max(100);
/** Of what admins have added. */
export const EVERYWHERE = "everywhere";

/** Parameters of `mcp.judge`: what a server lists now. */
export const judgeMcpParams = z.strictObject({
  place,
  name: mcpName,
  tools: z.array(z.strictObject({ sha256, definition })).max(100),
});

/** Parameters of `node.mcp`. `look`: it first looks anew at what it is to host, and what of it is accepted. */
export const nodeMcpParams = z.strictObject({ look: z.boolean() });
/** A tool as its server lists it now; `tool` is what it is called here, null while it is withheld. */
export type ListedMcpTool = { sha256: string; definition: McpDefinition; tool: string | null };
/** A server as the machine that hosts it sees it; `target`: its program or its host, nothing that could be a secret. */
export type HostedMcpServer = {
  name: string;
  place: string;
  kind: "stdio" | "http";
  target: string;
  state: "ready" | "starting" | "failed" | "disabled";
  problem: string | null;
  tools: ListedMcpTool[];
};
export type HostedMcp = {
  servers: HostedMcpServer[];
  /** What is wrong with `mcp.json`, in words. */
  faults: string[];
};
