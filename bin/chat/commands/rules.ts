// /rules: what is always allowed, asked about or denied, in words; and the taking away of one.
import type { PolicyRule } from "../../../contracts/policy.ts";
import { visibleText } from "../../terminal/clean-text.ts";
import { wrapText } from "../../terminal/wrap.ts";
import type { CommandRoom } from "../conversation.ts";
import { shortId } from "../find-session.ts";

/** `says`: the server's own words; `host`: where a call sends. Older servers have neither. */
type Rule = PolicyRule & { says?: string; host?: string };

export async function rules(room: CommandRoom, argument: string): Promise<void> {
  const { screen } = room;
  const { commands } = screen.texts;
  const [verb = "", number = "", ...more] = argument.split(/\s+/);
  if (verb === "") return listRules(room);
  if (verb !== "remove" || more.length > 0) return screen.tell(commands.ruleUsage);
  if (number === "") return screen.tell(commands.ruleWhich);
  await removeRule(room, number);
}

async function listRules(room: CommandRoom): Promise<void> {
  const { screen } = room;
  const { commands } = screen.texts;
  const all = await rulesOf(room);
  if (all.length === 0) return screen.tell(commands.noRules);
  const { dim, green, red, yellow } = screen.colours;
  const colour = { allow: green, deny: red, ask: yellow };
  for (const [index, rule] of all.entries()) {
    const number = String(index + 1).padStart(String(all.length).length);
    const words = await ruleWords(room, rule);
    const [first = "", ...rest] = wrapText(words, screen.columns - number.length - 5);
    screen.note(`  ${colour[rule.decision](number)}  ${first}`);
    for (const line of rest) screen.note(`${" ".repeat(number.length + 4)}${line}`);
  }
  screen.note(dim(`  ${commands.ruleHint}`));
}

async function removeRule(room: CommandRoom, number: string): Promise<void> {
  const { server, screen } = room;
  const { commands } = screen.texts;
  const all = await rulesOf(room);
  const gone = /^\d{1,3}$/.test(number) ? all[Number(number) - 1] : undefined;
  if (!gone) return screen.tell(commands.ruleNoSuch(number));
  const words = await ruleWords(room, gone);
  await server.json("PUT", "/users/me/policy", { rules: all.filter((rule) => rule !== gone) });
  screen.tell(commands.ruleRemoved(words));
}

async function rulesOf({ server }: CommandRoom): Promise<Rule[]> {
  return (await server.json<{ rules: Rule[] }>("GET", "/users/me/policy")).rules;
}

/** The server's own words; an older one has none: then what becomes of it, what it applies to, and where. */
async function ruleWords(room: CommandRoom, rule: Rule): Promise<string> {
  const { commands, said } = room.screen.texts;
  const shown = (text: string) => visibleText(text).replaceAll(/\s+/g, " ");
  if (rule.says !== undefined) return said(shown(rule.says));
  const where = [
    ...(rule.host === undefined ? [] : [commands.ruleHost(shown(rule.host))]),
    rule.node_id === undefined
      ? commands.ruleEverywhere
      : commands.ruleOn(shown(await room.nodes.nameOf(rule.node_id))),
    ...(rule.session_id === undefined ? [] : [commands.ruleSession(shortId(rule.session_id))]),
  ];
  const what = [subject(rule, shown, room), ...where].join(commands.ruleComma);
  return commands.rule(commands.ruleDecision[rule.decision], what);
}

function subject(rule: Rule, shown: (text: string) => string, { screen }: CommandRoom): string {
  const { commands } = screen.texts;
  const { tool, category, risk, args_hash } = rule;
  if (tool !== undefined)
    return args_hash === undefined
      ? commands.ruleAnyArguments(shown(tool))
      : commands.ruleExactUnknown(shown(tool));
  if (category !== undefined) return commands.ruleCategory(shown(category));
  return risk === undefined ? commands.ruleEverything : commands.ruleRisk[risk];
}
