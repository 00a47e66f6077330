// Says to all whose machine it is, or with whom it is shared, that something of it has changed.
import type { NodeId, UserId } from "../../contracts/ids.ts";
import { toError } from "../../lib/errors.ts";
import { tellUser } from "../../lib/tell-user.ts";
import type { Rooms } from "./rooms.ts";

/** Waits for nothing: whoever changed it goes on. What is not told is seen when it is read the next time. */
export function tellOfNode(
  { database, ports, log }: Pick<Rooms, "database" | "ports" | "log">,
  node_id: NodeId,
): void {
  const tell = async () => {
    const owner = await database
      .selectFrom("nodes")
      .select("owner_id")
      .where("id", "=", node_id)
      .executeTakeFirst();
    const others = await database
      .selectFrom("node_shares")
      .select("user_id")
      .where("node_id", "=", node_id)
      .execute();
    const users = new Set([owner?.owner_id, ...others.map(({ user_id }) => user_id)]);
    for (const user of users)
      if (user) tellUser(ports.signals, user as UserId, { event: "node", data: { node_id } });
  };
  tell().catch((thrown: unknown) =>
    log.warn({ err: toError(thrown), node_id }, "a change of a machine is not told"),
  );
}
