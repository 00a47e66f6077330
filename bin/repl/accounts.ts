// Accounts as the commands find them: by e-mail address, id or the end of an id.
import type { AdminUser } from "../../contracts/users.ts";
import type { Texts } from "../terminal/texts.ts";
import { pickAccount } from "../user/accounts.ts";
import type { Room } from "./room.ts";

const PAGE = 100;

/** All of them, or those whose e-mail address or name has a text. */
export async function allAccounts({ ask }: Room, text = ""): Promise<AdminUser[]> {
  const found: AdminUser[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const wanted = { limit: PAGE, ...(text ? { q: text } : {}), ...(cursor ? { cursor } : {}) };
    const page = await ask("users.adminList", wanted);
    found.push(...page.users);
    cursor = page.next_cursor;
  }
  return found;
}

/** @throws Error in words when it is none or several */
export function accountOf(room: Room, given: string, { repl }: Texts): Promise<AdminUser> {
  return pickAccount(given, (text) => allAccounts(room, text), repl);
}
