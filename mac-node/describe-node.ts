// What the node says of itself: its tools as models see them, its platform, and whether it can sandbox.
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { NodeDescription, NodeTool, Tool } from "../contracts/tools.ts";
import { DEFAULT_LIMIT_MS } from "../lib/tools/calls/run-tool.ts";
import { parametersForModel } from "../lib/tools/check-tool.ts";
import type { BadPlugin } from "../lib/tools/plugin-files.ts";
import type { Machine } from "./calls/command-line.ts";

/** Said of a tool whose limit depends on its arguments: the longest there is; the tool's own limit ends it before. */
const LONGEST_LIMIT_MS = 310_000;

export async function describeNode(
  tools: Tool[],
  skipped: BadPlugin[],
  { platform, sandbox, roots, userHome }: Pick<Machine, "platform" | "sandbox" | "roots" | "userHome">,
): Promise<NodeDescription> {
  return {
    host_name: hostname(),
    platform,
    home: userHome,
    roots,
    version: await version(),
    tools: tools.map(describeTool),
    skipped_plugins: skipped,
    sandbox: sandbox.state,
    ...(sandbox.state === "unavailable" ? { sandbox_problem: sandbox.problem } : {}),
  };
}

export function describeTool(tool: Tool): NodeTool {
  const { name, category, description, risk, timeoutMs } = tool;
  return {
    name,
    category,
    description,
    parameters: parametersForModel(tool.parameters),
    risk,
    runs_on: "node",
    egress: tool.egress !== undefined,
    idempotent: tool.idempotent === true,
    changes: tool.changes ?? [],
    timeout_ms: typeof timeoutMs === "function" ? LONGEST_LIMIT_MS : (timeoutMs ?? DEFAULT_LIMIT_MS),
  };
}

async function version(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "..", "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
