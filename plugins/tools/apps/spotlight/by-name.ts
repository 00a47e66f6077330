// Paths by their names, where there is no Spotlight: a walk through the allowed folders.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { foldedName } from "../../../../lib/files/path-names.ts";
import { Breath } from "../../files/workspace/breath.ts";
import { openTree } from "../../files/workspace/open-tree.ts";
import type { Paths } from "./paths.ts";

/** Names that have every word of the query in them, in any case. A hidden file is found, but nobody looks into hidden folders. */
export async function pathsByName(
  context: ToolContext,
  roots: string[],
  { query, limit }: { query: string; limit: number },
): Promise<Paths> {
  const words = foldedName(query).split(/\s+/).filter(Boolean);
  const breath = new Breath(context.signal);
  const paths: string[] = [];
  let truncated = false;
  for (const root of roots) {
    await using tree = await openTree(
      context,
      root,
      ({ name }) => !name.startsWith(".") && name !== "node_modules",
    );
    for await (const { name, path } of tree.entries()) {
      if (breath.due) await breath.take();
      const folded = foldedName(name);
      if (!words.every((word) => folded.includes(word))) continue;
      if (paths.length === limit) return { paths, truncated: true };
      paths.push(path);
    }
    truncated ||= tree.walk.truncated || tree.walk.unreadable > 0;
  }
  return { paths, truncated };
}
