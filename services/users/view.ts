// Rows as clients see them.
import type { ApiKey, User } from "../../contracts/users.ts";
import type { KeyRow, UserRow } from "./store/tables.ts";

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
export function adminView(user: UserRow): User & { disabled: boolean } {
  return { ...userView(user), disabled: user.is_disabled !== 0 };
}

export function keyView(key: KeyRow): ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: JSON.parse(key.scopes) as ApiKey["scopes"],
    expires_at: key.expires_at,
    last_used_at: key.last_used_at,
    created_at: key.created_at,
  };
}
