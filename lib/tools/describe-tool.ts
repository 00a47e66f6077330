// A machine's tool as others are told of it: what is checked before a call, and what models see.
import type { NodeTool, Tool } from "../../contracts/tools.ts";
import { DEFAULT_LIMIT_MS } from "./calls/run-tool.ts";
import { parametersForModel } from "./check-tool.ts";

/** Said of a tool whose limit depends on its arguments: the longest there is; the tool's own limit ends it before. */
const LONGEST_LIMIT_MS = 310_000;

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
