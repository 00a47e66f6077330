// What a user has used, and limits of its own instead of the plan's. What was used stays: counters are the sum of the ledger.
import type { UserId } from "../../../contracts/ids.ts";
import type { AdminUser } from "../../../contracts/users.ts";
import { changed, isChange, type LimitChange, readLimits } from "../../user/limits.ts";
import { showLimits, showUsage } from "../../user/show.ts";
import { accountOf } from "../accounts.ts";
import type { Answer, Command, Given, Room } from "../room.ts";

const USUAL_DAYS = "7";

const show: Command = {
  name: "quota show",
  takes: ["user"],
  options: { days: "value" },
  async run(room, { words: [given = ""], options: { days = USUAL_DAYS }, texts }) {
    const user = await accountOf(room, given, texts);
    const wanted = { id: user.id as UserId, days: Number(days) };
    const usage = await room.ask("users.adminUsage", wanted);
    const { plans } = await room.ask("quota.plans", {});
    return {
      json: { user, ...usage },
      show(screen) {
        showUsage(user, usage, screen);
        showLimits(user, plans, screen);
      },
    };
  },
};

const grant: Command = {
  name: "quota grant",
  takes: ["user", "limit", "limit…"],
  async run(room, given) {
    const [user = "", ...limits] = given.words;
    const change = readLimits(limits, given.texts.user);
    const account = await accountOf(room, user, given.texts);
    if (change.reset) await given.agree(given.texts.repl.confirmReset(account.email), "y");
    return setLimits(room, given, account, change);
  },
};

const reset: Command = {
  name: "quota reset",
  takes: ["user"],
  async run(room, given) {
    const user = await accountOf(room, given.words[0] ?? "", given.texts);
    const change = { reset: true, changes: {} };
    await given.agree(given.texts.repl.confirmReset(user.email), "y");
    return setLimits(room, given, user, change);
  },
};

/** They are written all at once: those that are not named stay as they are. */
async function setLimits(
  room: Room,
  { texts }: Given,
  before: AdminUser,
  change: LimitChange,
): Promise<Answer> {
  const limits = changed(before.limits ?? {}, change);
  const { user } = isChange(change)
    ? await room.ask("users.adminUpdate", { id: before.id as UserId, limits })
    : { user: before };
  const { plans } = await room.ask("quota.plans", {});
  return {
    json: { user },
    show(screen) {
      screen.write(`${texts.user.limitsSet(user.email)}\n`);
      showLimits(user, plans, screen);
    },
  };
}

export const QUOTA_COMMANDS = [show, grant, reset];
