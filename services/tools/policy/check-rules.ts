// Refuses rules about things that are not there: a mistyped "deny" would protect nothing, and nobody would know.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { PolicyRule } from "../../../contracts/policy.ts";
import { callAs } from "../../../lib/broker/action.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { AppError, type FieldError, isType } from "../../../lib/errors.ts";
import type { Machines } from "../machines/machines.ts";
import { type KnownThings, knownThings } from "./known-things.ts";

/** Faults that are told: of a list of mistyped rules the first ones are enough. */
const TOLD = 20;

/**
 * Rules that are there already pass as they are: they were checked when they were new, and what they are about may be gone since.
 * @param before the rules that are replaced
 * @throws invalid_request with the path of each name that nothing has
 */
export async function checkRules(
  broker: ServiceBroker,
  machines: Machines,
  caller: Caller,
  before: PolicyRule[],
  rules: PolicyRule[],
): Promise<void> {
  const old = new Set(before.map(canonicalJson));
  const fresh = rules.flatMap((rule, index) => (old.has(canonicalJson(rule)) ? [] : [{ rule, index }]));
  if (fresh.length === 0) return;
  const known = await knownThings(broker, machines, caller);
  const sessions = await missingSessions(broker, caller, fresh);
  const faults = fresh.flatMap(({ rule, index }) => faultsOf(rule, `rules.${index}`, known, sessions));
  const [first] = faults;
  if (!first) return;
  throw new AppError("invalid_request", `"${first.path}": ${first.message}.`, {
    errors: faults.slice(0, TOLD),
  });
}

function faultsOf(rule: PolicyRule, path: string, known: KnownThings, gone: Set<string>): FieldError[] {
  const later = 'if it comes later, say so in the rule: "pending": true';
  const { tool, category, node_id, session_id, pending } = rule;
  const faults: FieldError[] = [];
  if (tool !== undefined && !pending && !known.tools.has(tool))
    faults.push({
      path: `${path}.tool`,
      message: `is the name of no tool here (GET /api/v1/tools); ${later}`,
    });
  if (category !== undefined && !pending && !known.categories.has(category))
    faults.push({ path: `${path}.category`, message: `is the category of no tool here; ${later}` });
  // Machines and sessions get their ids from the server: none can be known before it is there.
  if (node_id !== undefined && !known.nodes.has(node_id))
    faults.push({ path: `${path}.node_id`, message: "is no machine of yours (GET /api/v1/nodes)" });
  if (session_id !== undefined && gone.has(session_id))
    faults.push({ path: `${path}.session_id`, message: "is no session of yours" });
  return faults;
}

async function missingSessions(
  broker: ServiceBroker,
  caller: Caller,
  fresh: { rule: PolicyRule }[],
): Promise<Set<string>> {
  const named = new Set(fresh.flatMap(({ rule }) => rule.session_id ?? []));
  const missing = new Set<string>();
  for (const id of named) if (!(await isOwnSession(broker, caller, id))) missing.add(id);
  return missing;
}

async function isOwnSession(broker: ServiceBroker, caller: Caller, id: SessionId): Promise<boolean> {
  try {
    await callAs(broker, "tools", caller, "sessions.get", { id });
    return true;
  } catch (error) {
    if (isType(error, "session_not_found")) return false;
    throw error;
  }
}
