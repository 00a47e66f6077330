// A user's rules as the server has them. They are replaced as a whole, so each change begins with those of this moment: what another page
// or an answer has added meanwhile stays.
import type { ShownRule } from "../../contracts/policy.ts";
import { call } from "../store/account.ts";
import { machineName } from "../store/machines.ts";
import { RULES } from "../texts/settings.ts";

export type Rule = ShownRule;

export const readRules = async (): Promise<Rule[]> =>
  (await call("GET /users/me/policy", {})).rules as Rule[];

/** Made by an answer; one from before its time was kept is known by what only an answer makes: exact arguments, or one session. */
export const isRemembered = ({ remembered_at, args_hash, session_id }: Rule): boolean =>
  remembered_at !== undefined || args_hash !== undefined || session_id !== undefined;

/** Tells rules apart: `says` is made from the rest, and where it comes from changes nothing about it. */
export const keyOf = ({
  says: _says,
  remembered_at: _at,
  remembered_from: _from,
  ...rule
}: Partial<Rule>): string => JSON.stringify(Object.entries(rule).toSorted(([a], [b]) => a.localeCompare(b)));

/** @throws ApiError @returns all rules as they are then */
export async function addRule(rule: Omit<Rule, "says">): Promise<Rule[]> {
  const now = await readRules();
  if (now.some((one) => keyOf(one) === keyOf(rule))) return now;
  return write([...now, rule]);
}

/** @throws ApiError @returns all rules as they are then */
export async function removeRule(rule: Rule): Promise<Rule[]> {
  const now = await readRules();
  return write(now.filter((one) => keyOf(one) !== keyOf(rule)));
}

async function write(rules: (Rule | Omit<Rule, "says">)[]): Promise<Rule[]> {
  await call("PUT /users/me/policy", { rules } as never);
  return readRules();
}

/** What a rule is about, piece by piece. */
export function conditionsOf(rule: Rule): { name: string; value: string }[] {
  const { tool, category, risk, node_id, host, args_hash, session_id, pending } = rule;
  const conditions = [
    { name: RULES.tool(), value: tool },
    { name: RULES.category(), value: category },
    { name: RULES.risk(), value: risk && RULES[risk]() },
    { name: RULES.machine(), value: node_id && machineName(node_id) },
    { name: RULES.host(), value: host },
    { name: "", value: args_hash && RULES.exact() },
    { name: "", value: session_id && RULES.inSession() },
    { name: "", value: pending ? RULES.pending() : undefined },
  ];
  return conditions.flatMap(({ name, value }) => (value ? [{ name, value }] : []));
}
