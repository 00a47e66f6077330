// Who may do what: roles, scopes of keys, and the caller that every core action learns from the signed internal token.
import { z } from "zod";
import type { FamilyId, KeyId, UserId } from "./ids.ts";

/** `free_user` and `pro_user` follow the plan; `admin` does not. */
export const ROLES = ["free_user", "pro_user", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a key may be allowed (docs/access.md). `approve`: answering questions about tool calls; a key has it only when it was asked
 * for, so that what starts runs does not also let them act.
 */
export const SCOPES = [
  "chat",
  "approve",
  "sessions:read",
  "sessions:write",
  "tools:execute",
  "nodes:manage",
  "account",
  "admin",
] as const;
export type Scope = (typeof SCOPES)[number];
/** One scope as it comes from outside. */
export const scope = z.enum(SCOPES);

/** The verified caller of an action, in `ctx.locals.caller`; never taken from parameters or from `ctx.meta` as it came. */
export type Caller = {
  user_id: UserId;
  role: Role;
  plan: string;
  /** What the credential allows; `"all"` for a login session. An admin's key without `admin` is not an admin's. */
  scopes: "all" | Scope[];
  /** The API key that authenticated, if one did. */
  key_id?: KeyId;
  /** The login the access token belongs to, if one authenticated: what a new password leaves alive. */
  family_id?: FamilyId;
  /** The core service that acts for the user (a run goes on after its request has ended); absent for the user itself. */
  service?: string;
};

/**
 * Who may call an action. `public`: anybody, no identity. `user`: a verified caller with `scope` (and `admin` role when
 * `admin` is set). `internal`: only a core service's own token. An action without an access rule does not start.
 */
export type Access =
  | { kind: "public" }
  | { kind: "user"; scope?: Scope | Scope[]; admin?: boolean }
  | { kind: "internal" };
