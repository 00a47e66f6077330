// Users, credentials, API keys and plans as clients see them, and the parameters of the `users` actions.
import { z } from "zod";
import { type Caller, ROLES, scope } from "./access.ts";
import type * as answers from "./answers/users.ts";
import { familyId, keyId, userId } from "./ids.ts";
import { limitOverrides } from "./limit-overrides.ts";
import { usageParams } from "./quota.ts";
import { wholeNumber } from "./whole-number.ts";

export type AdminUser = answers.AdminUser;
export type ApiKey = answers.ApiKey;
export type OpenLogin = answers.OpenLogin;
export type TokenPair = answers.TokenPair;
export type Login = answers.Login;
export type SignInCode = answers.SignInCode;
export type User = answers.User;

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email("must be an e-mail address like you@example.com"));
/** Characters are Unicode code points, as in JSON Schema: an emoji is one. */
const charactersOf = (text: string) => [...text].length;
const newPassword = z
  .string()
  .max(512, "must have at most 256 characters")
  .refine((text) => charactersOf(text) >= 8, "must have at least 8 characters")
  .refine((text) => charactersOf(text) <= 256, "must have at most 256 characters")
  .meta({ minLength: 8, maxLength: 256 });
/** A password to compare with: bounded, but not judged, so that an old or wrong one is answered like any other. */
const givenPassword = z.string().min(1).max(1024);
const displayName = z.string().trim().min(1).max(100);

export const registerParams = z.strictObject({
  email,
  password: newPassword,
  display_name: displayName.optional(),
});
export const loginParams = z.strictObject({
  email: z.string().trim().toLowerCase().max(254),
  password: givenPassword,
});
/** Parameters of `users.signIn`. */
export const signInParams = z.strictObject({ code: z.string().min(1).max(128) });
export const refreshParams = z.strictObject({ refresh_token: z.string().min(1).max(512) });

/** A browser's: the refresh token comes in a cookie that no script reads, not in the answer. */
const cookie = z.boolean().optional();
export const registerBody = registerParams.extend({ cookie });
export const loginBody = loginParams.extend({ cookie });
export const signInBody = signInParams.extend({ cookie });
/** Without `refresh_token` the cookie has it. */
export const refreshBody = refreshParams.partial().extend({ cookie });
export const logoutBody = refreshParams.partial();
/** A login that is not used for this long has ended. */
export const LOGIN_KEPT_MS = 30 * 24 * 60 * 60_000;

export const resolveTokenParams = z.strictObject({ token: z.string() });
/** Whom a token proves, and until when: epoch milliseconds, null when it has no end of its own. */
export type Proven = { caller: Caller; ends_at: number | null };
/** `current_password` is needed with a new password, but for an account that has none. */
export const updateMeParams = z.strictObject({
  display_name: displayName.optional(),
  avatar_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullable()
    .optional(),
  password: newPassword.optional(),
  current_password: givenPassword.optional(),
});
/** `current_password` is needed, but for an account that has no password. */
export const removeMeParams = z.strictObject({ current_password: givenPassword.optional() });

/**
 * Parameters of `users.createKey`. Without `scopes` it gets the usual ones (docs/access.md) that its maker has; without `expires_at` it does not
 * end.
 */
export const createKeyParams = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(scope).min(1).optional(),
  expires_at: z.iso.datetime().optional(),
});
export const endLoginParams = z.strictObject({ id: familyId });
export const removeKeyParams = z.strictObject({ id: keyId });

export const adminListUsersParams = z.strictObject({
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
  q: z.string().max(200).optional(),
});
const plan = z.string().min(1).max(50);
export const adminCreateUserParams = z.strictObject({
  email,
  password: newPassword.optional(),
  role: z.enum(ROLES).optional(),
  plan: plan.optional(),
  disabled: z.boolean().optional(),
});
export const adminUpdateUserParams = z.strictObject({
  id: userId,
  email: email.optional(),
  password: newPassword.optional(),
  role: z.enum(ROLES).optional(),
  plan: plan.optional(),
  disabled: z.boolean().optional(),
  /** Instead of those of the plan, all of them at once; null: those of the plan. */
  limits: limitOverrides.nullable().optional(),
});
/** Names an account to an admin's action. */
export const adminUserParams = z.strictObject({ id: userId });
/** Parameters of `users.adminUsage`. */
export const adminUsageParams = z.strictObject({ id: userId, ...usageParams.shape });

/** Parameters of `users.callerOf`: a run's user, and the key it was asked for with, if one was. */
export const callerOfParams = z.strictObject({ user_id: userId, key_id: keyId.optional() });

/** Parameters of `users.find`: accounts by their ids and by their addresses. */
export const findUsersParams = z.strictObject({
  ids: z.array(userId).max(1_000).default([]),
  emails: z.array(z.string().max(320)).max(100).default([]),
});
/** What services name people by. */
export type FoundUser = Pick<User, "id" | "email" | "display_name" | "plan">;

/** Names a user to a service that acts on its own (removal, subscriptions). */
export const userParams = z.strictObject({ user_id: userId });

/** Credentials that requests under way were let in with, by what a caller says of them. */
export const credentialsParams = z.strictObject({
  credentials: z
    .array(z.strictObject({ user_id: userId, family_id: familyId.optional(), key_id: keyId.optional() }))
    .max(100),
});
/** A login (`family_id`), a key (`key_id`), or only the account. */
export type Credential = z.output<typeof credentialsParams>["credentials"][number];
/** `ends_at` in epoch milliseconds, null when it has no end of its own. */
export type CredentialState =
  | { type: "lives"; role: (typeof ROLES)[number]; ends_at: number | null }
  | { type: "ended"; disabled: boolean };
