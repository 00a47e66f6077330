// The user has compared the fingerprint and lets the Mac in: from here on it is in the registry.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import type { confirmParams } from "../../../contracts/nodes.ts";
import type { NodeDescription } from "../../../contracts/tools.ts";
import { AppError } from "../../../lib/errors.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";
import { findMac, type MacRow } from "../macs/mac-rows.ts";
import { authorOf, edgeOf, type Rooms } from "../rooms.ts";
import type { PairingRow } from "../tables.ts";
import { isExpired, requirePairing } from "./pairing-rows.ts";

/** Of a user. What is revoked stays in the claims of the edge for a while, so that this bounds those, too. */
const MOST_MACS = 100;
const MOST_A_DAY = { limit: 50, windowMs: 24 * 3_600_000 };

type Redeemed = PairingRow & { public_key: string };

/**
 * May be repeated: it is the same Mac.
 * @throws edge_off, pairing_not_found, pairing_expired, pairing_not_redeemed, fingerprint_differs, conflict, node_limit
 */
export async function confirmPairing(
  rooms: Rooms,
  caller: Caller,
  { id, name, fingerprint }: z.output<typeof confirmParams>,
): Promise<MacRow> {
  edgeOf(rooms);
  const row = redeemed(await requirePairing(rooms.database, caller, id));
  requireFingerprint(row, fingerprint);
  const known = await findMac(rooms.database, row.node_id as NodeId);
  if (!known) await requireRoom(rooms, caller);
  const called = name ?? row.name ?? row.mac_name ?? row.node_id;
  const mac = await rooms.ports.moments.run(() => join(rooms, caller, row, called));
  return mac;
}

function redeemed(row: PairingRow): Redeemed {
  if (isExpired(row)) throw new AppError("pairing_expired", "This pairing has expired: begin a new one.");
  const { public_key } = row;
  if (public_key === null)
    throw new AppError(
      "pairing_not_redeemed",
      "No Mac has used the code yet: type the command of the pairing there first.",
    );
  return { ...row, public_key };
}

function requireFingerprint({ public_key }: Redeemed, given: string | undefined): void {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
  const wanted = keyFingerprint(public_key);
  if (given === undefined || plain(given) === plain(wanted)) return;
  throw new AppError(
    "fingerprint_differs",
    `The Mac that has used the code has the fingerprint ${wanted}. If your Mac shows another one, somebody else has used the code: do not confirm, begin a new pairing.`,
  );
}

/** @throws node_limit, too_many_pairings */
async function requireRoom({ database, ports }: Rooms, { user_id }: Caller): Promise<void> {
  const macs = await database
    .selectFrom("nodes")
    .select("id")
    .where("owner_id", "=", user_id)
    .where("revoked_at", "is", null)
    .execute();
  if (macs.length >= MOST_MACS)
    throw new AppError("node_limit", `You have ${MOST_MACS} Macs: revoke one that you do not need.`);
  const { limit, windowMs } = MOST_A_DAY;
  const { ok, resetMs } = await ports.counters.take(`pairing:macs:${user_id}`, limit, windowMs);
  if (!ok)
    throw new AppError("too_many_pairings", `At most ${limit} Macs a day can be paired.`, {
      retryAfterMs: resetMs,
    });
}

/** The operations of the moment; each may be repeated. */
async function join(rooms: Rooms, caller: Caller, row: Redeemed, name: string): Promise<MacRow> {
  const { database, ports, tell } = rooms;
  const node_id = row.node_id as NodeId;
  const now = Date.now();
  await database
    .insertInto("nodes")
    .values({
      ...{ id: node_id, name, labels: "{}", is_host: 0, machine: null },
      ...{ created_at: new Date(now).toISOString(), description: JSON.stringify(saidOf(row)) },
      ...{ last_seen_at: null, owner_id: caller.user_id, public_key: row.public_key, instance: null },
      ...{ online_until: 0, revoked_at: null, cut_off_at: 0, problem: null, vitals: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const mac = await findMac(database, node_id);
  if (!mac)
    throw new AppError(
      "conflict",
      "The key of this Mac is another Mac's already, perhaps one that was revoked. Let it leave (`npm run node -- leave`) and pair it anew.",
    );
  await database
    .updateTable("node_pairings")
    .set({ confirmed_at: now })
    .where("id", "=", row.id)
    .where("confirmed_at", "=", 0)
    .execute();
  const { user_id } = caller;
  await ports.audit.append({
    ...{ subject: node_id, entry: "node.paired", user_id },
    details: {
      ...{ ...authorOf(caller), pairing_id: row.id, fingerprint: keyFingerprint(row.public_key) },
      // Whoever compares the two sides' records later believes what is signed with it.
      public_key: row.public_key,
    },
  });
  await tell("node.paired", { node_id, user_id }, { once: node_id });
  return mac;
}

/** All that is known of it until it is connected. */
function saidOf({ mac_name, platform, version }: Redeemed): NodeDescription {
  return {
    ...{ host_name: mac_name ?? "", platform: platform ?? "", version: version ?? "" },
    ...{ home: "", roots: [], tools: [], skipped_plugins: [], sandbox: "unavailable" },
  };
}
