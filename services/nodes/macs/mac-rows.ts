// Macs in the registry: finding them.
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import type { MacVitals } from "../../../contracts/mac-vitals.ts";
import { AppError } from "../../../lib/errors.ts";
import { type Database, type NodeRow, type NodesTables, rowOf } from "../tables.ts";
import { readVitals } from "../vitals.ts";

export type MacRow = NodeRow & {
  owner_id: UserId;
  public_key: string;
  instance: string | null;
  isConnected: boolean;
  /** Empty while it is away: then nobody knows. */
  vitals: MacVitals;
  revoked_at: string | null;
  /** Epoch milliseconds, 0: never. */
  cut_off_at: number;
  problem: string | null;
};

/** Since it was paired, and not only what came with the code: a program has a home folder. */
export const hasToldOfItself = ({ description }: Pick<MacRow, "description">): boolean =>
  description !== undefined && description.home !== "";

/** Whatever has become of it, a revoked one too. */
export async function findMac(database: Database, id: NodeId): Promise<MacRow | undefined> {
  const [mac] = await macsOf(database.selectFrom("nodes").selectAll().where("id", "=", id));
  return mac;
}

/** For each call: without all that it has said of itself. */
export async function publicKeyOf(database: Database, id: NodeId): Promise<string | undefined> {
  const row = await database.selectFrom("nodes").select("public_key").where("id", "=", id).executeTakeFirst();
  return row?.public_key ?? undefined;
}

/** A user's own, but for those that are revoked; the oldest first. */
export function ownMacs(database: Database, user: UserId): Promise<MacRow[]> {
  return macsOf(
    database
      .selectFrom("nodes")
      .selectAll()
      .where("owner_id", "=", user)
      .where("revoked_at", "is", null)
      .orderBy("created_at")
      .orderBy("id"),
  );
}

/** @throws node_not_found, also for another user's: an admin owns no Mac but its own */
export async function requireOwnMac(
  database: Database,
  { user_id }: Pick<Caller, "user_id">,
  id: NodeId,
): Promise<MacRow> {
  const mac = await findMac(database, id);
  if (mac?.owner_id === user_id) return mac;
  throw new AppError("node_not_found", `You have no node "${id}".`);
}

export const revokedError = () =>
  new AppError("node_revoked", "This Mac was revoked: pair it anew if it should come back.");

type Query = { execute(): Promise<NodesTables["nodes"][]> };

export async function macsOf(query: Query): Promise<MacRow[]> {
  return (await query.execute()).flatMap((row) => macOf(row) ?? []);
}

function macOf(row: NodesTables["nodes"]): MacRow | undefined {
  const { owner_id, public_key, instance, online_until, revoked_at, cut_off_at, problem } = row;
  if (row.is_host === 1 || owner_id === null || public_key === null) return undefined;
  const isConnected = revoked_at === null && Number(online_until) > Date.now();
  return {
    ...rowOf(row),
    ...{ owner_id: owner_id as UserId, public_key, instance, revoked_at, problem },
    isConnected,
    vitals: isConnected ? readVitals(row.vitals) : {},
    cut_off_at: Number(cut_off_at),
  };
}
