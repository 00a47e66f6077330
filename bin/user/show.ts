// How accounts, limits and usage look in the terminal.
import type { Plan, PlanLimits, UsageReport } from "../../contracts/quota.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { inColumns } from "../terminal/columns.ts";
import { count, dollars, longDate, shortDate } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Account } from "./accounts.ts";
import { LIMIT_NAMES, type LimitName } from "./limits.ts";

export function showList(accounts: Account[], screen: Screen): void {
  const { user } = screen.texts;
  const { email, role, plan, state, lastLogin, id } = user.columns;
  const rows = accounts.map((account) => [
    cleanText(account.email),
    account.role,
    cleanText(account.plan),
    account.disabled ? user.disabled : user.active,
    account.last_login_at === null ? user.never : shortDate(account.last_login_at),
    account.id.slice(-6),
  ]);
  for (const line of inColumns(
    [email, role, plan, state, lastLogin, id],
    rows,
    screen.columns,
    screen.colours,
  ))
    screen.write(`${line}\n`);
}

/** One account with what holds for it. @param plans those of the server */
export function showAccount(account: Account, plans: Plan[], screen: Screen): void {
  const { user } = screen.texts;
  const { bold } = screen.colours;
  const rows: [string, string][] = [
    [user.columns.id, account.id],
    [user.name, cleanText(account.display_name)],
    [user.columns.role, account.role],
    [user.columns.plan, cleanText(account.plan)],
    [user.columns.state, account.disabled ? user.disabled : user.active],
    [user.created, longDate(account.created_at)],
    [user.columns.lastLogin, account.last_login_at === null ? user.never : longDate(account.last_login_at)],
  ];
  screen.write(`${bold(cleanText(account.email))}\n`);
  const { named } = screen.texts.commandLine;
  for (const [name, value] of rows) screen.write(`  ${named(name, value)}\n`);
  screen.write(`  ${named(user.limits, "").trimEnd()}\n`);
  showLimits(account, plans, screen);
}

export function showLimits(account: Account, plans: Plan[], screen: Screen): void {
  const { user } = screen.texts;
  const { dim, yellow } = screen.colours;
  const { aside, named } = screen.texts.commandLine;
  const plan = plans.find(({ name }) => name === account.plan);
  for (const name of LIMIT_NAMES) {
    const own = account.limits?.[name];
    const value = own === undefined ? plan?.limits[name] : own;
    const words = value === undefined ? "?" : limitText(name, value, user.unlimited);
    const ofPlan = plan ? limitText(name, plan.limits[name], user.unlimited) : "?";
    const note =
      own === undefined ? "" : `  ${yellow(user.ownLimit)}${dim(aside(named(user.columns.plan, ofPlan)))}`;
    screen.write(`    ${name}: ${words}${note}\n`);
  }
}

function limitText(name: LimitName, value: PlanLimits[LimitName], unlimited: string): string {
  if (value === null) return unlimited;
  return name === "cost_usd_per_day" ? dollars(value) : count(value);
}

export function showUsage(account: Account, { today, daily }: UsageReport, screen: Screen): void {
  const { user } = screen.texts;
  const { bold, dim } = screen.colours;
  screen.write(`${bold(cleanText(account.email))}\n`);
  const row = (day: string, one: Omit<UsageReport["daily"][number], "date">) => [
    day,
    count(one.requests),
    count(one.input_tokens),
    count(one.output_tokens),
    dollars(one.cost_usd),
  ];
  const rows = [row(user.today, today), ...daily.map((one) => row(one.date, one))];
  const heads = [user.day, user.requests, user.input, user.output, user.cost];
  for (const line of inColumns(heads, rows, screen.columns, screen.colours)) screen.write(`${line}\n`);
  const left =
    today.limit === null || today.remaining === null
      ? user.noLimit
      : user.left(count(today.remaining), count(today.limit));
  screen.write(`${dim(`${left}${user.resets(longDate(today.resets_at))}`)}\n`);
}
