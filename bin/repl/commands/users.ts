// Accounts, as `npm run user` has them over HTTP: made, changed, disabled.

import type { ParamsOf } from "../../../contracts/actions.ts";
import type { UserId } from "../../../contracts/ids.ts";
import type { AdminUser } from "../../../contracts/users.ts";
import { showAccount, showList } from "../../user/show.ts";
import { accountOf, allAccounts } from "../accounts.ts";
import type { Answer, Command, Room } from "../room.ts";
import { line } from "../show.ts";

const list: Command = {
  name: "users list",
  takes: ["text?"],
  async run(room, { words: [text], texts }) {
    const users = await allAccounts(room, text);
    return {
      json: { users },
      show: (screen) => (users.length === 0 ? screen.note(texts.user.noUsers) : showList(users, screen)),
    };
  },
};

const show: Command = {
  name: "users show",
  takes: ["user"],
  async run(room, { words: [given = ""], texts }) {
    const user = await accountOf(room, given, texts);
    const { plans } = await room.ask("quota.plans", {});
    return { json: { user }, show: (screen) => showAccount(user, plans, screen) };
  },
};

const create: Command = {
  name: "users create",
  takes: ["email"],
  options: { role: "value", plan: "value" },
  async run(room, { words: [email = ""], options: { role, plan }, texts: { user: words }, agree }) {
    if (role === "admin") await agree(words.confirmAdmin(email), "y");
    const wanted = { email, ...(role ? { role } : {}), ...(plan ? { plan } : {}) };
    const made = await room.ask("users.adminCreate", wanted as ParamsOf<"users.adminCreate">);
    return {
      json: made,
      show(screen) {
        screen.write(`${words.made(made.user.email)}\n`);
        if (made.password !== undefined) screen.write(`${words.password(made.password)}\n`);
      },
    };
  },
};

const role: Command = {
  name: "users role",
  takes: ["user", "role"],
  async run(room, { words: [given = "", wanted = ""], texts, agree }) {
    const { id, email } = await accountOf(room, given, texts);
    if (wanted === "admin") await agree(texts.user.confirmAdmin(email), "y");
    return change(room, { id, role: wanted }, (user) => texts.user.roleSet(email, user.role));
  },
};

const plan: Command = {
  name: "users plan",
  takes: ["user", "plan"],
  async run(room, { words: [given = "", wanted = ""], texts }) {
    const { id, email } = await accountOf(room, given, texts);
    return change(room, { id, plan: wanted }, (user) => texts.user.planSet(email, user.plan));
  },
};

const disable: Command = {
  name: "users disable",
  takes: ["user"],
  async run(room, { words: [given = ""], texts, agree }) {
    const { id, email } = await accountOf(room, given, texts);
    await agree(texts.user.confirmDisable(email), "y");
    return change(room, { id, disabled: true }, () => texts.user.disabledNow(email));
  },
};

const enable: Command = {
  name: "users enable",
  takes: ["user"],
  async run(room, { words: [given = ""], texts }) {
    const { id, email } = await accountOf(room, given, texts);
    return change(room, { id, disabled: false }, () => texts.user.enabledNow(email));
  },
};

type Change = { id: string; role?: string; plan?: string; disabled?: boolean };

/** What does not fit is refused by the service, in words. */
async function change({ ask }: Room, wanted: Change, words: (user: AdminUser) => string): Promise<Answer> {
  const params = { ...wanted, id: wanted.id as UserId } as ParamsOf<"users.adminUpdate">;
  const { user } = await ask("users.adminUpdate", params);
  return { json: { user }, show: line(words(user)) };
}

export const USER_COMMANDS = [list, show, create, role, plan, disable, enable];
