// What changes a user's policy rules, each with its entry in the audit trail.
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { PolicyRule } from "../../../contracts/policy.ts";
import type { forgetSessionParams, rememberParams } from "../../../contracts/tools.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import { auditPolicy } from "../audit-tools.ts";
import type { Machines } from "../machines/machines.ts";
import { checkRules } from "./check-rules.ts";
import { knownThings } from "./known-things.ts";
import { argsInWords, wordsOf } from "./policy-words.ts";
import type { Rules } from "./rules.ts";

type Rooms = {
  broker: ServiceBroker;
  machines: Machines;
  rules: Rules;
  ports: Pick<Ports, "moments" | "audit">;
};

/** The rules in their order, each with what it means in words. */
export async function showRules({ broker, machines, rules }: Rooms, caller: Caller) {
  const known = await knownThings(broker, machines, caller);
  const shown = await rules.shown(caller.user_id);
  return shown.map(({ rule, shownArgs, remembered }) => ({
    ...{ ...rule, says: wordsOf(rule, shownArgs, known) },
    ...remembered,
  }));
}

/** Replaces all of them. @throws invalid_request for a rule about what there is not */
export async function setRules(
  { broker, machines, rules, ports }: Rooms,
  caller: Caller,
  wanted: PolicyRule[],
): Promise<void> {
  await checkRules(broker, machines, caller, await rules.of(caller.user_id), wanted);
  await ports.moments.run(async () => {
    await rules.replace(caller.user_id, wanted);
    await auditPolicy(ports.audit, caller, { rules: wanted });
  });
}

/** An answer that is to hold from now on. */
export async function rememberAnswer(
  { rules, ports }: Rooms,
  { user_id, rule, call_id, args }: z.output<typeof rememberParams>,
): Promise<void> {
  const shown = args === undefined ? null : argsInWords(args);
  await ports.moments.run(async () => {
    const { added, dropped } = await rules.add(user_id, rule, call_id, shown);
    if (added) await auditPolicy(ports.audit, { user_id }, { remembered: rule, call_id, dropped });
  });
}

/** Those that were made for a session go with it. */
export async function forgetRulesOfSession(
  { rules, ports }: Rooms,
  { user_id, session_id }: z.output<typeof forgetSessionParams>,
): Promise<void> {
  await ports.moments.run(async () => {
    const forgotten = await rules.forgetSession(user_id, session_id);
    if (forgotten > 0) await auditPolicy(ports.audit, { user_id }, { forgotten, session_id });
  });
}
