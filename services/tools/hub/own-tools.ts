// What our own tools do is not for a Mac to say: what is decided by (risk, category, where it sends, what it changes, whether it may be
// repeated) is taken from our plugins, for each tool that is called like one of them.
import { join } from "node:path";
import type { NodeDescription, NodeTool, Tool } from "../../../contracts/tools.ts";
import { loadTools } from "../../../lib/tools/tool-plugins.ts";

/** A folder that is not there: whatever else this machine has is none of ours. */
const NONE = join(import.meta.dirname, "no-plugins");

type Facts = Pick<NodeTool, "risk" | "category" | "egress" | "changes" | "idempotent">;

let known: Promise<ReadonlyMap<string, Facts>> | undefined;

/** @throws what loading our plugins throws */
export async function withOurFacts(description: NodeDescription): Promise<NodeDescription> {
  known ??= loadFacts();
  const facts = await known;
  return { ...description, tools: description.tools.map((tool) => ({ ...tool, ...facts.get(tool.name) })) };
}

/** Of all systems: where a Mac runs is its own word. */
async function loadFacts(): Promise<ReadonlyMap<string, Facts>> {
  const loaded = await Promise.all(
    (["darwin", "linux"] as const).map((platform) => loadTools({ pluginFolder: NONE, platform })),
  );
  return new Map(loaded.flatMap(({ tools }) => tools.map((tool) => [tool.name, factsOf(tool)] as const)));
}

function factsOf({ risk, category, egress, changes = [], idempotent = false }: Tool): Facts {
  return { risk, category, egress: egress !== undefined, changes, idempotent };
}
