// Accounts, tokens and keys as clients see them.
import { z } from "zod";
import { ROLES, scope } from "../access.ts";
import { limitOverrides } from "../limit-overrides.ts";
import { EXAMPLE, id, named, nextCursor, time } from "./basics.ts";

const shownUser = z.strictObject({
  id: id("user"),
  email: z.string(),
  display_name: z.string(),
  avatar_url: z.string().nullable(),
  role: z.enum(ROLES),
  plan: z.string(),
  is_verified: z.boolean(),
  created_at: time,
  last_login_at: time.nullable(),
});
const ADA = {
  id: EXAMPLE.user,
  email: "ada@example.com",
  display_name: "Ada",
  avatar_url: null,
  role: "free_user" as const,
  plan: "free",
  is_verified: false,
  created_at: EXAMPLE.time,
  last_login_at: null,
};
export const user = named(
  "User",
  "An account as its owner sees it; `last_login_at` is null before the first login with a password.",
  shownUser,
  ADA,
);
export type User = z.infer<typeof user>;

export const adminUser = named(
  "AdminUser",
  "What admins see besides: whether it may be used, and the limits it has instead of those of its plan; absent when it has none.",
  shownUser.extend({ disabled: z.boolean(), limits: limitOverrides.optional() }),
  { ...ADA, disabled: false },
);
export type AdminUser = z.infer<typeof adminUser>;

export const tokenPair = named(
  "TokenPair",
  "What a login gives. The refresh token works once; its use gives the next pair; it is absent where it comes in a cookie. `expires_in`: seconds until the access token ends.",
  z.strictObject({
    user,
    access_token: z.string(),
    refresh_token: z.string().optional(),
    token_type: z.literal("Bearer"),
    expires_in: z.int().positive(),
  }),
  { user: ADA, access_token: "eyJ…", refresh_token: "mjr_…", token_type: "Bearer", expires_in: 900 },
);
/** As a client gets it. */
export type Login = z.infer<typeof tokenPair>;
export type TokenPair = Login & { refresh_token: string };

export const signInCode = z.strictObject({ code: z.string(), expires_at: time });
export type SignInCode = z.infer<typeof signInCode>;

export const apiKey = named(
  "ApiKey",
  "A key without its secret: `prefix` is its beginning, by which a person tells it from others.",
  z.strictObject({
    id: id("key"),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(scope),
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    created_at: time,
  }),
  {
    id: EXAMPLE.key,
    name: "laptop",
    prefix: "mj_3kf9",
    scopes: ["chat", "sessions:read"],
    expires_at: null,
    last_used_at: null,
    created_at: EXAMPLE.time,
  },
);
export type ApiKey = z.infer<typeof apiKey>;

export const openLogin = named(
  "OpenLogin",
  "A login that goes on. `program`: what has opened it, as that names itself, null where it did not. `last_used_at`: when it last got new tokens, which is each quarter of an hour while it is used.",
  z.strictObject({
    id: id("family"),
    created_at: time,
    last_used_at: time,
    expires_at: time,
    program: z.string().nullable(),
    /** The one that asks. */
    is_current: z.boolean(),
  }),
);
export type OpenLogin = z.infer<typeof openLogin>;
export const logins = z.strictObject({ logins: z.array(openLogin) });
export const oneUser = z.strictObject({ user });
export const removing = z.strictObject({ status: z.literal("removing") });
export const keys = z.strictObject({ keys: z.array(apiKey) });
/** The secret is shown this once. */
export const createdKey = z.strictObject({ key: apiKey, secret: z.string() });
export const oneAdminUser = z.strictObject({ user: adminUser });
export const adminUsers = z.strictObject({ users: z.array(adminUser), next_cursor: nextCursor });
/** The password is there only when the admin gave none and one was made. */
export const createdUser = z.strictObject({ user: adminUser, password: z.string().optional() });
