// Changes of accounts, rights and credentials in the audit trail: who made them, to whom. Never a secret, an address or a name (G21).
import type { UserId } from "../../contracts/ids.ts";
import { newId } from "../../lib/ids.ts";
import type { Rooms } from "./rooms.ts";

type Change =
  | "account.registered"
  | "account.changed"
  | "account.removing"
  | "password.changed"
  | "key.created"
  | "key.removed";

/** Call it in the moment of the change. @param by the user who made it, or "system" */
export function auditAccount(
  { ports }: Rooms,
  user: UserId,
  change: Change,
  by: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  const entry = `${change} ${newId("event")}`;
  return ports.audit.append({ subject: user, entry, user_id: user, details: { by, ...details } });
}
