// The admin routes as `npm run user` needs them.
import type { Plan, UsageReport } from "../../contracts/quota.ts";
import type { User } from "../../contracts/users.ts";
import { isType } from "../../lib/errors.ts";
import type { Server } from "../terminal/server.ts";
import type { OwnLimits } from "./limits.ts";

export type Account = User & { disabled: boolean; limits?: OwnLimits };

const PAGE = 100;
/** Shorter ends of ids would be ambiguous soon. */
const LEAST_END = 4;
const PATH = "/admin/users";

/** All accounts, or those whose e-mail or name has a text. */
export async function listAccounts(server: Server, text = ""): Promise<Account[]> {
  const found: Account[] = [];
  const query = text === "" ? "" : `&q=${encodeURIComponent(text)}`;
  for (let cursor = ""; ; ) {
    const path = `${PATH}?limit=${PAGE}${query}${cursor}`;
    const page = await server.json<{ users: Account[]; next_cursor: string | null }>("GET", path);
    found.push(...page.users);
    if (!page.next_cursor) return found;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

/**
 * @param given an e-mail address, an id, or the end of an id
 * @throws Error in words when it is none or several
 */
export async function findAccount(server: Server, given: string): Promise<Account> {
  return pickAccount(given, (text) => listAccounts(server, text), server.texts.user);
}

type NotOne = {
  noSuchUser(given: string): string;
  severalUsers(given: string, users: string): string;
};

/** As `findAccount`. @param list all accounts, or those that have a text in their address */
export async function pickAccount(
  given: string,
  list: (text: string) => Promise<Account[]>,
  words: NotOne,
): Promise<Account> {
  const wanted = given.trim().toLowerCase();
  const isEmail = wanted.includes("@");
  const all = await list(isEmail ? wanted : "");
  const exact = all.filter(({ email, id }) => email === wanted || id === wanted);
  const found =
    exact.length > 0 || isEmail || wanted.length < LEAST_END
      ? exact
      : all.filter(({ id }) => id.endsWith(wanted));
  if (found.length > 1)
    throw new Error(words.severalUsers(given, found.map(({ email }) => email).join(", ")));
  if (!found[0]) throw new Error(words.noSuchUser(given));
  return found[0];
}

export function createAccount(
  server: Server,
  body: { email: string; password?: string; role?: string; plan?: string },
): Promise<{ user: Account; password?: string }> {
  return server.json("POST", PATH, body);
}

/** An account as it is now. @param found as the list has it, which is all that an older server tells */
export async function getAccount(server: Server, found: Account): Promise<Account> {
  try {
    return (await server.json<{ user: Account }>("GET", pathOf(found.id))).user;
  } catch (thrown) {
    if (isType(thrown, "not_found", "method_not_allowed")) return found;
    throw thrown;
  }
}

/** @param limits all own limits at once; null takes them away */
export async function changeAccount(
  server: Server,
  id: string,
  change: { role?: string; plan?: string; disabled?: boolean; limits?: OwnLimits | null },
): Promise<Account> {
  return (await server.json<{ user: Account }>("PATCH", pathOf(id), change)).user;
}

export async function removeAccount(server: Server, id: string): Promise<void> {
  await newer(server, () => server.json("DELETE", pathOf(id)));
}

export function usageOf(server: Server, id: string, days: number): Promise<UsageReport> {
  return newer(server, () => server.json<UsageReport>("GET", `${pathOf(id)}/usage?days=${days}`));
}

export async function plansOf(server: Server): Promise<Plan[]> {
  return (await server.json<{ plans: Plan[] }>("GET", "/plans")).plans;
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** A server from before these routes says that there is nothing there. */
async function newer<T>(server: Server, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    if (isType(thrown, "not_found", "method_not_allowed")) throw new Error(server.texts.user.olderServer);
    throw thrown;
  }
}
