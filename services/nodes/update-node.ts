// What a person may change of a machine's entry.
import type { Kysely } from "kysely";
import type { NodeId } from "../../contracts/ids.ts";
import type { NodesTables } from "./tables.ts";

export async function updateNode(
  db: Kysely<NodesTables>,
  id: NodeId,
  change: { name?: string | undefined; labels?: Record<string, string> | undefined },
): Promise<void> {
  const set = {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.labels === undefined ? {} : { labels: JSON.stringify(change.labels) }),
  };
  if (Object.keys(set).length > 0) await db.updateTable("nodes").set(set).where("id", "=", id).execute();
}
