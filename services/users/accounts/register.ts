// Registration by the user itself, where the server is open to it.
import type { z } from "zod";
import type { registerParams, TokenPair } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import type { From, Rooms } from "../rooms.ts";
import { emailTaken, findUserByEmail } from "../store/users.ts";
import { openLogin } from "../tokens/issue-tokens.ts";
import { createAccount } from "./create-account.ts";
import { FREE_PLAN, roleOfPlan } from "./plan-role.ts";

const CLOSED = {
  invite: "New users come by invitation: ask an admin of this server to make an account.",
  closed: "This server takes no new users.",
};

/**
 * @throws registration_closed, weak_password, email_taken, hashing_busy
 */
export async function register(
  rooms: Rooms,
  params: z.output<typeof registerParams>,
  { address, program }: From,
): Promise<TokenPair> {
  const { email, password, display_name } = params;
  if (rooms.registration !== "open") throw new AppError("registration_closed", CLOSED[rooms.registration]);
  checkNewPassword(password, email);
  // Before the costly hash; two at once are told apart by the insert.
  const holder = await findUserByEmail(rooms.database, email);
  if (holder) throw emailTaken(holder);
  const account = {
    email,
    display_name: display_name ?? nameOf(email),
    password_hash: await rooms.passwords.hash(password, { address, urgency: "registration" }),
    role: roleOfPlan(FREE_PLAN),
    plan: FREE_PLAN,
    is_verified: 0,
    is_disabled: 0,
  };
  return createAccount(rooms, account, "self", (user) => openLogin(rooms, rooms.database, user, { program }));
}

/** What an account without a display name is called. */
export const nameOf = (email: string): string => email.slice(0, email.lastIndexOf("@")).slice(0, 100);
