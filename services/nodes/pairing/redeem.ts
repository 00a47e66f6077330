// A Mac redeems its pairing code, and asks again until the person has confirmed. Whoever has not the code learns nothing: unknown, bound
// by another Mac and expired are one answer.
import type { z } from "zod";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { pairingMessage, type Redeemed, type redeemParams } from "../../../contracts/pairing.ts";
import { isSignedBy } from "../../../lib/edge/keys/signatures.ts";
import { AppError } from "../../../lib/errors.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";
import { edgeOf, findUsers, type Rooms } from "../rooms.ts";
import type { PairingRow } from "../tables.ts";
import { FETCH_MS, hashOfCode, isExpired } from "./pairing-rows.ts";
import { credentialsFor } from "./renew.ts";

type Given = z.output<typeof redeemParams>;

/**
 * @param address the client's real one, for the limits on guessing
 * @throws edge_off, invalid_request (the signature), pairing_not_found, too_many_pairings; to the Mac that has bound the code also
 *   pairing_expired, node_revoked, node_cut_off
 */
export async function redeem(rooms: Rooms, given: Given, address: string): Promise<Redeemed> {
  edgeOf(rooms);
  await requireSigned(rooms, given, address);
  const found = await findByCode(rooms, given.code);
  // A Mac that asks how far it is guesses nothing, whatever others do from its address.
  if (found?.public_key === given.public_key) return progress(rooms, found);
  const guess = await rooms.guesses.begin(address);
  // The same is done for a code that there is none of.
  const bound = await bind(rooms, found?.id ?? "", given);
  if (!bound) throw notFound();
  await guess.wasRight();
  return progress(rooms, bound);
}

const notFound = () =>
  new AppError(
    "pairing_not_found",
    "This pairing code is not valid: it is mistyped, used, or older than ten minutes.",
  );

async function requireSigned({ guesses }: Rooms, given: Given, address: string): Promise<void> {
  const { code, public_key, signature } = given;
  await guesses.requireSigner(address);
  if (isSignedBy(public_key, pairingMessage(code, public_key), signature)) return;
  await guesses.wasUnsigned(address);
  throw new AppError("invalid_request", "The signature is not that of the key over this code.", {
    errors: [{ path: "signature", message: "must be over the code and the key, by the key" }],
  });
}

function findByCode({ database }: Rooms, code: string): Promise<PairingRow | undefined> {
  return database
    .selectFrom("node_pairings")
    .selectAll()
    .where("code_hash", "=", hashOfCode(code))
    .executeTakeFirst();
}

/** The first key binds the code: of two at once, one. @returns undefined when it is bound by another, or has expired */
async function bind(
  { database, ports }: Rooms,
  id: string,
  { public_key, name, platform, version }: Given,
): Promise<PairingRow | undefined> {
  await database
    .updateTable("node_pairings")
    .set({ public_key, mac_name: name, platform, version })
    .where("id", "=", id)
    .where("public_key", "is", null)
    .where("expires_at", ">", Date.now())
    .execute();
  const row = await database
    .selectFrom("node_pairings")
    .selectAll()
    .where("id", "=", id)
    .where("public_key", "=", public_key)
    .executeTakeFirst();
  if (row)
    await ports.audit.append({
      ...{ subject: row.node_id, entry: "pairing.redeemed", user_id: row.user_id as UserId },
      details: { by: "self", pairing_id: row.id, fingerprint: keyFingerprint(public_key) },
    });
  return row;
}

async function progress(rooms: Rooms, row: PairingRow): Promise<Redeemed> {
  const confirmedAt = Number(row.confirmed_at);
  if (isExpired(row) || (confirmedAt > 0 && confirmedAt + FETCH_MS <= Date.now()))
    throw new AppError("pairing_expired", "This pairing has expired: ask for a new code.");
  if (confirmedAt === 0)
    return {
      status: "waiting",
      fingerprint: keyFingerprint(row.public_key ?? ""),
      expires_at: new Date(Number(row.expires_at)).toISOString(),
    };
  const node_id = row.node_id as NodeId;
  const user_id = row.user_id as UserId;
  const credentials = await credentialsFor(rooms, node_id);
  const [user] = await findUsers(rooms, { ids: [user_id] });
  return { status: "confirmed", node_id, user_id, owner: user?.display_name ?? "", credentials };
}
