// Rows as clients see them.
import type { AdminUser, ApiKey, User } from "../../contracts/users.ts";
import { scopesOf } from "./store/api-keys.ts";
import type { KeyRow, UserRow } from "./store/tables.ts";
import { ownLimitsOf } from "./store/users.ts";

/** As its user sees it. */
export function userView(user: UserRow): User {
  return {
    id: user.id,
    email: user.email,
    display_name: user.display_name,
    avatar_url: user.avatar_url,
    role: user.role,
    plan: user.plan,
    is_verified: user.is_verified !== 0,
    created_at: user.created_at,
    last_login_at: user.last_login_at,
  };
}

/** What admins see besides. */
export function adminView(user: UserRow): AdminUser {
  const limits = ownLimitsOf(user);
  return { ...userView(user), disabled: user.is_disabled !== 0, ...(limits ? { limits } : {}) };
}

/** Everything but the secret, which is not kept. */
export function keyView(key: KeyRow): ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: scopesOf(key),
    expires_at: key.expires_at,
    last_used_at: key.last_used_at,
    created_at: key.created_at,
  };
}
