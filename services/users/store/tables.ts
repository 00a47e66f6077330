// The rows of the users service, as Kysely sees them: ISO text times, 0/1 booleans, the same on SQLite and PostgreSQL.
import type { Kysely } from "kysely";
import type { Role } from "../../../contracts/access.ts";
import type { FamilyId, KeyId, UserId } from "../../../contracts/ids.ts";

/**
 * `registering`: being made, may be undone. `removing`: being taken down, never comes back. Only an `active` account can
 * be used.
 */
export type UserState = "registering" | "active" | "removing";

export type UserRow = {
  id: UserId;
  /** Lower case; unique. */
  email: string;
  display_name: string;
  avatar_url: string | null;
  role: Role;
  plan: string;
  /** JSON of the limits that an admin has given this account instead of its plan's; null for none. */
  limits: string | null;
  /** Null: no password was set, so none fits. */
  password_hash: string | null;
  is_verified: number;
  is_disabled: number;
  state: UserState;
  created_at: string;
  last_login_at: string | null;
};

/** One login and all refresh tokens that came of it, one after the other. */
export type FamilyRow = {
  id: FamilyId;
  user_id: UserId;
  created_at: string;
  /** End of its newest refresh token. */
  expires_at: string;
  revoked_at: string | null;
  /** What has opened it, as that names itself; bounded. */
  program: string | null;
};

export type RefreshTokenRow = {
  /** SHA-256 of the token, hex. */
  hash: string;
  family_id: FamilyId;
  expires_at: string;
  /** By the store's clock: what is compared with it is too. */
  used_at: string | null;
};

export type KeyRow = {
  id: KeyId;
  user_id: UserId;
  name: string;
  prefix: string;
  /** SHA-256 of the key, hex. */
  hash: string;
  /** JSON array of scopes. */
  scopes: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  created_at: string;
};

/** A one-time code that is not used yet. */
export type SignInCodeRow = {
  /** SHA-256 of the code, hex. */
  hash: string;
  user_id: UserId;
  /** What it was asked for with: a key or a login. It dies with that. */
  key_id: KeyId | null;
  family_id: FamilyId | null;
  expires_at: string;
};

/** What the verbs of the store run on: the service's SQL store, or a transaction of it. */
export type Database = Kysely<UsersTables>;

export type UsersTables = {
  roles: { name: Role; description: string };
  users: UserRow;
  refresh_families: FamilyRow;
  refresh_tokens: RefreshTokenRow;
  api_keys: KeyRow;
  sign_in_codes: SignInCodeRow;
};

/** Milliseconds since the epoch as the tables hold them. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
