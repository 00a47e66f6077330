// What of a machine's tools somebody may use, where it is shared: nothing unless a grant allows it, and nothing that one denies.
import type { Grant } from "../../contracts/nodes.ts";
import type { Risk } from "../../contracts/run-events.ts";

type Named = { name: string; category: string; risk: Risk };

/** @param allows `"all"` of one's own machines */
export function mayCall(allows: "all" | readonly Grant[], tool: Named): boolean {
  if (allows === "all") return true;
  const about = allows.filter((grant) => isAbout(grant, tool));
  return about.length > 0 && about.every(({ decision }) => decision === "allow");
}

function isAbout({ tools, categories, risks }: Grant, { name, category, risk }: Named): boolean {
  return (
    (tools?.includes(name) ?? true) &&
    (categories?.includes(category) ?? true) &&
    (risks?.includes(risk) ?? true)
  );
}
