// What a caller may do: role AND scope, decided here and nowhere else (docs/access.md). Everything that compares a role or looks
// at scopes asks one of these.
import { type Caller, SCOPES, type Scope } from "../contracts/access.ts";
import type { KeyId } from "../contracts/ids.ts";
import { AppError } from "./errors.ts";

/** Whether the credential has one of these scopes; a login has all of them. */
export function hasScope({ scopes }: Pick<Caller, "scopes">, ...wanted: Scope[]): boolean {
  return scopes === "all" || wanted.some((scope) => scopes.includes(scope));
}

/** @throws scope_missing when the credential has none of these scopes; `why` ends the sentence that says so */
export function requireScope(caller: Pick<Caller, "scopes">, wanted: Scope | Scope[], why = ""): void {
  const scopes = Array.isArray(wanted) ? wanted : [wanted];
  if (hasScope(caller, ...scopes)) return;
  const names = scopes.map((name) => `"${name}"`).join(" or ");
  throw new AppError("scope_missing", `The API key needs the scope ${names}${why}.`);
}

/** Whether the caller acts as an admin: the role, and where a key is used, also its scope `admin`. */
export function isAdmin(caller: Pick<Caller, "role" | "scopes">): boolean {
  return ownsHost(caller) && hasScope(caller, "admin");
}

/**
 * Whether the server's own machine is the caller's, as a Mac is the user's who joined it. It says whose tools they are, not what may
 * be done with them: that is for the scopes `chat` and `tools:execute`, for policy, and, without a sandbox, for `isAdmin`.
 */
export function ownsHost({ role }: Pick<Caller, "role">): boolean {
  return role === "admin";
}

/**
 * Passes who has every right of its account: a login, or a key with all scopes. For what gives all of them away: whoever sets the
 * password of an account, or makes an admin, can log in with all rights.
 * @throws scope_missing
 */
export function requireAllRights({ scopes }: Pick<Caller, "scopes">, what: string): void {
  if (scopes === "all" || SCOPES.every((scope) => scopes.includes(scope))) return;
  throw new AppError("scope_missing", `${what} needs a login, or an API key that has all scopes.`);
}

/**
 * Whether the caller may see, and so change, this session or run of its user's: with `sessions:read` all of them, else those that
 * its own key has begun. A core service acts for whoever was let in before.
 * @param thing `key_id` is the key that began it, if one did
 */
export function maySee(caller: Caller, { key_id }: { key_id?: KeyId }): boolean {
  if (caller.service !== undefined || hasScope(caller, "sessions:read")) return true;
  return caller.key_id !== undefined && caller.key_id === key_id;
}
