// Signals that cross services: their subjects and what they carry. Signals can be lost, so whoever waits for one also looks.
import type { UserId } from "./ids.ts";

/** Something of a user's rights or credentials has changed or ended: what is known of them must be asked for anew. */
export const USER_CHANGED = "users.changed";
export type UserChanged = { user_id: UserId };
