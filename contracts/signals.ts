// Signals that cross services: their subjects and what they carry. Signals can be lost, so whoever waits for one also looks.
import type { NodeId, UserId } from "./ids.ts";

/** Something of a user's rights or credentials has changed or ended: what is known of them must be asked for anew. */
export const USER_CHANGED = "users.changed";
export type UserChanged = { user_id: UserId };

/** A user's plan or own limits have changed: what processes remember of them is old. */
export const SUBSCRIPTION_CHANGED = "quota.subscription-changed";
export type SubscriptionChanged = { user_id: UserId };

/** A user's rules have changed: what processes remember of them is old. */
export const RULES_CHANGED = "tools.rules-changed";
export type RulesChanged = { user_id: UserId };

/** A call that the server runs itself is to be ended, in whichever process that is. */
export const CALL_CANCELLED = "tools.call-cancelled";
export type CallCancelled = { call_id: string };

/** A call that the server runs itself has ended before what it asked for: whoever works for it stops. */
export const CALL_OVER = "tools.call-over";
export type CallOver = { call_id: string };

/** A Mac is revoked: hubs hear nothing of it any more, and end what waits for it. */
export const NODE_REVOKED = "nodes.revoked";
export type NodeRevoked = { node_id: NodeId };

/** A machine, or all of them (null), was frozen or thawed: what processes remember of that is old, and hubs tell the Macs. */
export const NODES_FROZEN = "nodes.frozen";
export type NodesFrozen = { node_id: NodeId | null };

/** Nobody hears the answer of a request any more: its client has left, or the credential it was asked with has ended. */
export const requestLeft = (name: string) => `request.left.${name}`;
/** In the meta of a call: under which name its gateway says that. Not to be guessed, and worth nothing else. */
export type LeftBy = { left_by?: string };
