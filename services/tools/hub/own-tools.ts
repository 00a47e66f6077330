// What our own tools do is not for a Mac to say: what is decided by (risk, category, where it sends, what it changes, whether it may be
// repeated) is taken from our catalogue, for each tool that is called like one of them.
import type { NodeDescription, NodeTool } from "../../../contracts/tools.ts";
import { readCatalogue } from "../../../lib/tools/catalogue.ts";

type Facts = Pick<NodeTool, "risk" | "category" | "egress" | "changes" | "idempotent">;

let known: ReadonlyMap<string, Facts> | undefined;

export function withOurFacts(description: NodeDescription): NodeDescription {
  // Of all systems: where a Mac runs is its own word.
  known ??= new Map(readCatalogue().map(({ described }) => [described.name, factsOf(described)]));
  const facts = known;
  return { ...description, tools: description.tools.map((tool) => ({ ...tool, ...facts.get(tool.name) })) };
}

function factsOf({ risk, category, egress, changes, idempotent }: NodeTool): Facts {
  return { risk, category, egress, changes, idempotent };
}
