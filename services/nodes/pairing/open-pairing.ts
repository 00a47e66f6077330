// A user begins a pairing: a code for one Mac.
import { randomInt } from "node:crypto";
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId, PairingId } from "../../../contracts/ids.ts";
import type { OpenedPairing } from "../../../contracts/nodes.ts";
import { CODE_ALPHABET, CODE_LENGTH, shownCode } from "../../../contracts/pairing.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { authorOf, edgeOf, type Rooms } from "../rooms.ts";
import type { PairingRow } from "../tables.ts";
import { CODE_MS, hashOfCode } from "./pairing-rows.ts";

const MOST_OPEN = 5;

/** @throws edge_off, too_many_pairings */
export async function openPairing(
  rooms: Rooms,
  caller: Caller,
  name: string | undefined,
): Promise<OpenedPairing> {
  edgeOf(rooms);
  await rooms.guesses.opened(caller.user_id);
  const code = Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join(
    "",
  );
  const now = Date.now();
  const row: PairingRow = {
    ...{ id: newId<PairingId>("pairing"), user_id: caller.user_id, node_id: newId<NodeId>("node") },
    ...{ code_hash: hashOfCode(code), name: name ?? null, expires_at: now + CODE_MS, confirmed_at: 0 },
    ...{ created_at: new Date(now).toISOString() },
    ...{ public_key: null, mac_name: null, platform: null, version: null },
  };
  await insert(rooms, row);
  await rooms.ports.audit.append({
    ...{ subject: row.node_id, entry: "pairing.opened", user_id: caller.user_id },
    details: { ...authorOf(caller), pairing_id: row.id },
  });
  return { id: row.id, code: shownCode(code), expires_at: new Date(row.expires_at).toISOString() };
}

/** Looked at once it is there, so that of many at once no more than that stay. @throws too_many_pairings */
async function insert({ database }: Rooms, row: PairingRow): Promise<void> {
  await database.insertInto("node_pairings").values(row).execute();
  const open = await database
    .selectFrom("node_pairings")
    .select(["id", "expires_at"])
    .where("user_id", "=", row.user_id)
    .where("confirmed_at", "=", 0)
    .where("expires_at", ">", Date.now())
    .orderBy("id")
    .execute();
  if (open.slice(0, MOST_OPEN).some(({ id }) => id === row.id)) return;
  await database.deleteFrom("node_pairings").where("id", "=", row.id).execute();
  const first = Math.min(...open.map(({ expires_at }) => Number(expires_at)));
  throw new AppError(
    "too_many_pairings",
    `You have ${MOST_OPEN} open pairings: use one of them, or wait until the first has expired.`,
    { retryAfterMs: Math.max(1_000, first - Date.now()) },
  );
}
