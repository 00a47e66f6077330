// The tools of an MCP server as tools of this machine: asked about each time unless the Mac's owner (its policy file) or a rule of the
// user says otherwise, since what they do only their server knows.
import type { Tool as ListedTool } from "@modelcontextprotocol/sdk/types.js";
import { ANY_HOST } from "../../contracts/hosts.ts";
import type { Tool, ToolResult } from "../../contracts/tools.ts";
import { headOf } from "../../lib/cut-text.ts";
import { answer } from "../../lib/tools/answer.ts";
import { OUTCOME_UNKNOWN } from "../../lib/tools/calls/failure.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { namesIn } from "../secrets/placeholders.ts";
import type { McpServer } from "./mcp-server.ts";
import type { McpSpec } from "./spec.ts";
import { resultOf } from "./tool-result.ts";
import { parametersOf } from "./tool-schema.ts";

export const MCP = "mcp";
const LONGEST_DESCRIPTION = 2_000;
const USUAL_SECONDS = 60;

export type ToolWords = {
  /** @param taken names that something else has; two tools of a server that come to the same get names of their own */
  nameOf(server: string, tool: string, taken: { has(name: string): boolean }): string;
  /** A text of the server as a result shows it. */
  shown(text: string): string;
};

type Given = {
  name: string;
  spec: McpSpec;
  server: McpServer;
  words: ToolWords;
  /** Names that something else has. */
  taken: ReadonlySet<string>;
};

export function mcpTools({ name, spec, server, taken, words }: Given): Tool[] {
  const names = new Set(taken);
  return server.tools.flatMap((listed) => {
    const said = riskOf(spec, listed.name);
    if (said === "off") return [];
    const own = words.nameOf(name, listed.name, names);
    if (names.has(own)) return [];
    names.add(own);
    return [toolOf(listed, { own, name, spec, server, words, risk: said ?? "execute" })];
  });
}

/** What its owner says of it. A server may call a tool `constructor`, which every object has. */
function riskOf({ tools = {} }: McpSpec, tool: string) {
  return Object.hasOwn(tools, tool) ? tools[tool] : undefined;
}

type Made = Omit<Given, "taken"> & { own: string; risk: Tool["risk"] };

function toolOf(listed: ListedTool, { own, name, spec, server, words, risk }: Made): Tool {
  const { seconds = USUAL_SECONDS } = spec;
  return {
    ...{ name: own, category: MCP, risk, runsOn: "node", timeoutMs: seconds * 1_000 },
    description: descriptionOf(listed, name),
    parameters: parametersOf(listed.inputSchema),
    ...("url" in spec ? { egress: () => [ANY_HOST] } : {}),
    async execute(args, { signal, deadlineAt }) {
      // What is frozen, or has lost its server, is at rest at once: nobody knows whether a process heeds a cancel.
      const end = () => {
        if (signal.reason === "frozen" || signal.reason === "cut_off") server.restart();
      };
      signal.addEventListener("abort", end, { once: true });
      let failed: ToolResult | undefined;
      const outcome = await answer({ signal }, async () => {
        if (namesIn(args).length > 0)
          throw new ToolFailure(
            "secret_refused",
            "An MCP server is given no secret by a call: its owner gives it those that it needs.",
          );
        const limits = { signal, timeoutMs: Math.max(1, deadlineAt - Date.now()) };
        const said = await server
          .call(listed.name, args as Record<string, unknown>, limits)
          .catch((thrown: unknown) => {
            failed = unknownOf(thrown, signal);
            throw thrown;
          });
        const result = resultOf(name, said, words.shown);
        if (!result.ok) failed = result;
        return result;
      });
      signal.removeEventListener("abort", end);
      return failed ?? (outcome.ok ? (outcome.data as typeof outcome) : outcome);
    },
  };
}

/** Of one that was sent and not answered, unless it was ended on purpose: then that is what is said. */
function unknownOf(thrown: unknown, { reason }: AbortSignal): ToolResult | undefined {
  const { code, message } = thrown as Partial<ToolFailure>;
  if (code !== OUTCOME_UNKNOWN || reason === "cancelled" || reason === "frozen") return undefined;
  return { ok: false, error: { code, message: String(message) } };
}

function descriptionOf({ name: _, title, description = "" }: ListedTool, server: string): string {
  const own = description.trim() || title || "It does not say what it does.";
  return headOf(`${own}\n\n(A tool of the MCP server "${server}".)`, LONGEST_DESCRIPTION);
}
