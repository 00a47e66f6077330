// What the policy of a Mac says to a call. Pure: the same policy and call give the same answer.
import { hostOf, namesHost } from "../../contracts/hosts.ts";
import type { Risk } from "../../contracts/run-events.ts";
import type { Policy } from "./policy.ts";
import type { PolicyState } from "./read-policy.ts";

export type JudgedCall = {
  tool: { name: string; category: string; risk: Risk };
  user_id: string;
  /** Whose Mac this is. */
  owner_id: string;
  /** Hosts it sends to, as its arguments name them; `*` where it cannot say. */
  hosts: readonly string[];
  /** Secrets its arguments name. */
  secrets: readonly string[];
  /** It runs AppleScript of its own. */
  freeAppleScript?: boolean;
};
export type Verdict = { ok: true } | { ok: false; code: string; message: string };

const ALLOWED: Verdict = { ok: true };
const CODE = "mac_policy";

/** Default-deny where a list is given, deny wins; the first thing that refuses is told, in words for a model. */
export function judge(state: PolicyState, call: JudgedCall): Verdict {
  if (!state.ok)
    return {
      ok: false,
      code: "policy_damaged",
      message: `The policy file of this Mac is damaged, so it runs nothing: ${state.faults.slice(0, 3).join("; ")}. Its owner has to mend it there (npm run node -- policy check).`,
    };
  const { policy } = state;
  const why =
    whyNotTool(policy, call) ??
    whyNotUser(policy, call) ??
    whyNotHosts(policy, call) ??
    whyNotSecrets(policy, call) ??
    whyNotScript(policy, call);
  return why === undefined ? ALLOWED : { ok: false, code: CODE, message: why };
}

/** Whether the policy lets a tool send to this host; asked again at each redirect. */
export function policyReaches({ network }: Policy, host: string): boolean {
  if (!network) return true;
  const name = hostOf(host);
  return name !== undefined && network.hosts.some((pattern) => namesHost(pattern, name));
}

function whyNotTool({ tools }: Policy, { tool }: JudgedCall): string | undefined {
  const denied = tools?.deny?.find((selector) => selects(selector, tool));
  if (denied !== undefined)
    return `The policy of this Mac denies ${tool.name}${denied === tool.name ? "" : ` (all of "${denied}")`}.`;
  if (!tools?.allow || tools.allow.some((selector) => selects(selector, tool))) return undefined;
  return `The policy of this Mac does not allow ${tool.name}.`;
}

function whyNotUser({ users }: Policy, { user_id }: JudgedCall): string | undefined {
  if (!users || users.allow.includes(user_id)) return undefined;
  return "The policy of this Mac does not take calls of this user.";
}

function whyNotHosts({ network }: Policy, { hosts, tool }: JudgedCall): string | undefined {
  // One that cannot say where it sends may do so only where everything may be reached.
  const refused = network && hosts.find((host) => !network.hosts.some((pattern) => namesHost(pattern, host)));
  if (refused === undefined) return undefined;
  return `The policy of this Mac lets ${tool.name} not send to ${refused === "*" ? "hosts that it cannot name" : refused}.`;
}

function whyNotSecrets({ secrets }: Policy, call: JudgedCall): string | undefined {
  const refused = call.secrets.find((name) => !mayHave(secrets, name, call.tool));
  if (refused !== undefined) return `The policy of this Mac gives ${call.tool.name} no secret "${refused}".`;
  if (call.user_id === call.owner_id) return undefined;
  // Whoever it is shared with may run commands, and did not therefore get what its owner keeps.
  const owners = call.secrets.find((name) => secrets?.[name]?.users?.includes(call.user_id) !== true);
  return owners && `The policy of this Mac gives its secret "${owners}" to calls of its owner only.`;
}

function mayHave(secrets: Policy["secrets"], name: string, tool: JudgedCall["tool"]): boolean {
  if (!secrets || !Object.hasOwn(secrets, name)) return false;
  return secrets[name]?.tools.some((selector) => selects(selector, tool)) === true;
}

function whyNotScript({ free_applescript }: Policy, { freeAppleScript }: JudgedCall): string | undefined {
  if (freeAppleScript !== true || free_applescript === true) return undefined;
  return "The policy of this Mac runs no AppleScript but the fixed scripts (free_applescript is off).";
}

/** @param selector the name of a tool, a category or a risk, or `*` */
function selects(selector: string, { name, category, risk }: JudgedCall["tool"]): boolean {
  return selector === "*" || selector === name || selector === category || selector === risk;
}
