// Changes of accounts, rights and credentials in the audit trail: who made them, to whom. Never a secret, an address or a name (G21).
import type { Caller } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import { newId } from "../../lib/ids.ts";
import type { Rooms } from "./rooms.ts";

type Change =
  | "account.registered"
  | "account.changed"
  | "account.removing"
  | "account.removed"
  | "password.changed"
  | "key.created"
  | "key.changed"
  | "key.removed"
  | "audit.verified"
  | "sign_in_code.created"
  | "login.opened"
  | "login.ended";

/** A user with the credential it used; "self" for who registers or logs in; "system" for the server itself. */
export type Author = Pick<Caller, "user_id" | "key_id"> | "self" | "system";

/** Call it in the moment of the change. */
export function auditAccount(
  { ports }: Rooms,
  user: UserId,
  change: Change,
  author: Author,
  details: Record<string, unknown> = {},
): Promise<void> {
  const entry = `${change} ${newId("event")}`;
  const by =
    typeof author === "string"
      ? { by: author }
      : { by: author.user_id, ...(author.key_id ? { by_key: author.key_id } : {}) };
  return ports.audit.append({ subject: user, entry, user_id: user, details: { ...by, ...details } });
}
