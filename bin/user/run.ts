// The commands of `npm run user`, each one or two requests to the admin routes.
import { text } from "node:stream/consumers";
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";
import * as accounts from "./accounts.ts";
import type { UserArguments } from "./arguments.ts";
import { confirm } from "./confirm.ts";
import { changed, isChange } from "./limits.ts";
import { showAccount, showLimits, showList, showUsage } from "./show.ts";

type Room = { server: Server; screen: Screen };
type Of<Command extends UserArguments["command"]> = Extract<UserArguments, { command: Command }>;

/** @returns the exit code: 0 done, 1 the person said no. @throws AppError of the server, Error in words */
export async function run(room: Room, wanted: UserArguments): Promise<0 | 1> {
  const { server, screen } = room;
  const words = screen.texts.user;
  const say = (json: unknown, show: () => void): 0 => {
    if (wanted.json) screen.write(`${JSON.stringify(json, null, 2)}\n`);
    else show();
    return 0;
  };
  const line = (said: string) => () => screen.write(`${said}\n`);
  switch (wanted.command) {
    case "help":
      return say({ help: words.help }, () => screen.write(words.help));
    case "list": {
      const users = await accounts.listAccounts(server, wanted.text);
      const none = wanted.text === "" ? words.noUsers : words.noMatch(wanted.text);
      return say({ users }, () => (users.length === 0 ? screen.note(none) : showList(users, screen)));
    }
    case "show": {
      const found = await accounts.findAccount(server, wanted.user);
      const user = await accounts.getAccount(server, found);
      const plans = await accounts.plansOf(server);
      return say({ user }, () => showAccount(user, plans, screen));
    }
    case "create":
      return create(room, wanted, say);
    case "usage": {
      const user = await accounts.findAccount(server, wanted.user);
      const usage = await accounts.usageOf(server, user.id, wanted.days);
      return say(usage, () => showUsage(user, usage, screen));
    }
    case "limits":
      return limits(room, wanted, say);
    case "role": {
      const { id, email } = await accounts.findAccount(server, wanted.user);
      if (wanted.role === "admin" && !(await agrees(room, wanted, words.confirmAdmin(email), "y"))) return 1;
      const user = await accounts.changeAccount(server, id, { role: wanted.role });
      return say({ user }, line(words.roleSet(email, user.role)));
    }
    case "plan": {
      const { id, email } = await accounts.findAccount(server, wanted.user);
      const user = await accounts.changeAccount(server, id, { plan: wanted.plan });
      return say({ user }, line(words.planSet(email, user.plan)));
    }
    case "disable": {
      const { id, email } = await accounts.findAccount(server, wanted.user);
      if (!(await agrees(room, wanted, words.confirmDisable(email), "y"))) return 1;
      const user = await accounts.changeAccount(server, id, { disabled: true });
      return say({ user }, line(words.disabledNow(email)));
    }
    case "enable": {
      const { id, email } = await accounts.findAccount(server, wanted.user);
      const user = await accounts.changeAccount(server, id, { disabled: false });
      return say({ user }, line(words.enabledNow(email)));
    }
    case "remove": {
      const { id, email } = await accounts.findAccount(server, wanted.user);
      if (!(await agrees(room, wanted, words.confirmRemove(email), email))) return 1;
      await accounts.removeAccount(server, id);
      return say({ user_id: id, status: "removing" }, line(words.removing(email)));
    }
  }
}

type Say = (json: unknown, show: () => void) => 0;

async function create({ server, screen }: Room, wanted: Of<"create">, say: Say): Promise<0> {
  const { email, role, plan, hasPassword } = wanted;
  const password = hasPassword ? (await text(process.stdin)).replace(/\r?\n$/, "") : undefined;
  const made = await accounts.createAccount(server, {
    email,
    ...(password === undefined ? {} : { password }),
    ...(role === undefined ? {} : { role }),
    ...(plan === undefined ? {} : { plan }),
  });
  const words = screen.texts.user;
  return say(made, () => {
    screen.write(`${words.made(made.user.email)}\n`);
    if (made.password !== undefined) screen.write(`${words.password(made.password)}\n`);
  });
}

async function limits({ server, screen }: Room, wanted: Of<"limits">, say: Say): Promise<0> {
  const found = await accounts.findAccount(server, wanted.user);
  const before = await accounts.getAccount(server, found);
  // They are written all at once: those that are not named stay as they are.
  const user = isChange(wanted.changes)
    ? await accounts.changeAccount(server, found.id, { limits: changed(before.limits ?? {}, wanted.changes) })
    : before;
  const plans = await accounts.plansOf(server);
  return say({ user }, () => {
    screen.write(`${screen.texts.user.limitsSet(user.email)}\n`);
    showLimits(user, plans, screen);
  });
}

/** @throws Error where nobody can be asked and --yes is not given */
async function agrees(
  { screen }: Room,
  { yes }: UserArguments,
  question: string,
  answer: string,
): Promise<boolean> {
  if (yes || (await confirm(question, answer, screen.texts))) return true;
  screen.note(screen.texts.user.notDone);
  return false;
}
