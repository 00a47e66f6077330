// What a Mac asks over HTTPS is signed by its key, with the time at which it was.
import type { NodeId } from "../../../contracts/ids.ts";
import { isSignedBy } from "../../../lib/edge/keys/signatures.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";

/** What the clocks may differ by. A request that is sent once more in this time does what it did before. */
const CLOCKS_MS = 5 * 60_000;

type Signed = { id: NodeId; issued_at: string; signature: string };

/**
 * Passes what the Mac itself has signed, also one that is revoked.
 * @throws node_not_found when there is none or the signature is another's, which look the same; clock_differs, too_many_pairings
 */
export async function requireSignedByMac(
  { database, guesses }: Rooms,
  { id, issued_at, signature }: Signed,
  message: string,
  address: string,
): Promise<void> {
  await guesses.requireSigner(address);
  const row = await database.selectFrom("nodes").select("public_key").where("id", "=", id).executeTakeFirst();
  if (!row?.public_key || !isSignedBy(row.public_key, message, signature)) {
    await guesses.wasUnsigned(address);
    throw new AppError("node_not_found", `There is no Mac "${id}" with this key.`);
  }
  const now = Date.now();
  if (Math.abs(Date.parse(issued_at) - now) <= CLOCKS_MS) return;
  const server_time = new Date(now).toISOString();
  throw new AppError(
    "clock_differs",
    `The Mac's clock says ${issued_at}, the server's ${server_time}: set the one that is wrong.`,
    { show: { server_time } },
  );
}
