// What the node says of itself: its tools as models see them, its platform, and whether it can sandbox.
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { NodeDescription, NodeTool } from "../contracts/tools.ts";
import type { BadPlugin } from "../lib/tools/plugin-files.ts";
import type { Machine } from "./calls/command-line.ts";

export async function describeNode(
  tools: NodeTool[],
  skipped: BadPlugin[],
  { platform, sandbox, roots, userHome }: Pick<Machine, "platform" | "sandbox" | "roots" | "userHome">,
): Promise<NodeDescription> {
  return {
    host_name: hostname(),
    platform,
    home: userHome,
    roots,
    version: await version(),
    tools,
    skipped_plugins: skipped,
    sandbox: sandbox.state,
    ...(sandbox.state === "unavailable" ? { sandbox_problem: sandbox.problem } : {}),
  };
}

async function version(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "..", "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
