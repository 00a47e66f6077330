// What an audit entry says of how a call ended. The result itself stands in the run's history; its hash says whether it still does.
import type { NodeHead } from "../../contracts/node-chain.ts";
import type { ToolResult } from "../../contracts/tools.ts";
import { hashOf } from "../canonical-json.ts";

type Ended = {
  name: string;
  status: string;
  result: ToolResult | null;
  duration_ms: number | null;
  node_head?: NodeHead;
};

/** @returns `result_sha256` over the canonical JSON of the result (lib/canonical-json.ts) beside status, codes and milliseconds */
export function shownEnd({ name, status, result, duration_ms, node_head }: Ended): Record<string, unknown> {
  const { ok = false, error, exit_code } = result ?? {};
  return {
    name: name.slice(0, 64),
    status,
    ok,
    ...(error ? { error: error.code } : {}),
    ...(exit_code === undefined ? {} : { exit_code }),
    duration_ms,
    result_sha256: hashOf(result),
    ...(node_head ? { node_head } : {}),
  };
}
