// Which definition of each tool is accepted: kept over restarts, and the same for all processes.
import type { Kysely } from "kysely";
import { EVERYWHERE, type McpDefinition } from "../../contracts/mcp.ts";
import { holdLock } from "../../lib/sql.ts";
import type { McpTables } from "./tables.ts";

type Db = Kysely<McpTables>;
type Server = { place: string; name: string };
export type Pin = {
  sha256: string;
  definition: McpDefinition;
  accepted_at: string;
  accepted_by: string | null;
};
type Offered = { sha256: string; definition: McpDefinition };

/** By tool. */
export async function pinsOf(db: Db, { place, name }: Server): Promise<Map<string, Pin>> {
  const rows = await db
    .selectFrom("mcp_pins")
    .selectAll()
    .where("place", "=", place)
    .where("server", "=", name)
    .execute();
  return new Map(
    rows.map(({ tool, sha256, definition, accepted_at, accepted_by }) => [
      tool,
      { sha256, definition: JSON.parse(definition) as McpDefinition, accepted_at, accepted_by },
    ]),
  );
}

/**
 * The names of those tools whose definition is the accepted one. What a server of `mcp.json` lists when none of its tools was ever seen is
 * accepted: whoever has the machine has named it there. What comes later, or is other than it was, waits for an admin.
 */
export async function judge(db: Db, server: Server, tools: Offered[]): Promise<string[]> {
  const known = await pinsOf(db, server);
  const isFirst = known.size === 0 && tools.length > 0 && server.place !== EVERYWHERE;
  const pins = isFirst ? await pinFirst(db, server, tools) : known;
  return tools
    .filter(({ sha256, definition }) => pins.get(definition.name)?.sha256 === sha256)
    .map(({ definition }) => definition.name);
}

function pinFirst(db: Db, server: Server, tools: Offered[]): Promise<Map<string, Pin>> {
  return db.transaction().execute(async (transaction) => {
    await holdLock<McpTables>(transaction, `mcp ${server.place} ${server.name}`);
    const known = await pinsOf(transaction, server);
    if (known.size > 0) return known;
    await pin(transaction, server, tools, null);
    return pinsOf(transaction, server);
  });
}

/** These are the accepted ones from now on. @param by who has looked; null: nobody */
export async function pin(
  db: Db,
  { place, name }: Server,
  tools: Offered[],
  by: string | null,
): Promise<void> {
  for (const { sha256, definition } of tools) {
    const accepted = { sha256, definition: JSON.stringify(definition), accepted_by: by };
    const values = { ...accepted, accepted_at: new Date().toISOString() };
    await db
      .insertInto("mcp_pins")
      .values({ place, server: name, tool: definition.name, ...values })
      .onConflict((conflict) => conflict.columns(["place", "server", "tool"]).doUpdateSet(values))
      .execute();
  }
}

export async function unpin(db: Db, { place, name }: Server): Promise<void> {
  await db.deleteFrom("mcp_pins").where("place", "=", place).where("server", "=", name).execute();
}
