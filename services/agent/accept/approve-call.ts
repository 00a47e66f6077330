// Answers a question about a call: once, for exactly the arguments that were shown or for those the answer gives.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { Approval, approveParams } from "../../../contracts/agent.ts";
import type { PolicyRule } from "../../../contracts/tools.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { AppError } from "../../../lib/errors.ts";
import { faultsUnder } from "../../../lib/field-errors.ts";
import { requireScope } from "../../../lib/rights.ts";
import { resumeIfAnswered } from "../engine/resume-run.ts";
import { answerQuestion } from "../journal/answer-question.ts";
import { askService, type Rooms } from "../rooms.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { approvalView } from "../view.ts";
import { ownRun } from "./own-run.ts";

type Answer = z.output<typeof approveParams>;

/**
 * An answer that is remembered is a rule, and arguments of one's own are a call of one's own: both need what those need elsewhere.
 * @returns the approval as answered
 * @throws scope_missing, run_not_found, approval_answered with the first answer when there is one, approval_not_found, invalid_request for new arguments
 * that do not fit the tool, tool_denied when policy denies those
 */
export async function approveCall(rooms: Rooms, caller: Caller, answer: Answer): Promise<Approval> {
  if (answer.remember !== "no") requireScope(caller, "account", " to remember the answer as a rule");
  if (answer.args) requireScope(caller, "tools:execute", " to choose other arguments");
  const run = await ownRun(rooms, caller, answer.run_id);
  const call = await rooms.calls.get(answer.call_id);
  if (call?.run_id !== answer.run_id || !call.approval)
    throw new AppError("approval_not_found", `The run asks nothing about "${answer.call_id}".`);
  if (call.approval.decision || call.status !== "waiting_approval") throw answered(run, call);
  if (answer.decision === "approve" && answer.args) await checkArguments(rooms, caller, call, answer.args);
  const changed = await rooms.ports.moments.run(async () => {
    const { decision, args } = answer;
    const bound = decision === "approve" ? args : undefined;
    const decided = await answerQuestion(rooms, call._id, decision, caller, bound);
    if (decided && answer.remember !== "no") await remember(rooms, caller, decided, answer);
    return decided;
  });
  if (!changed) throw answered(run, (await rooms.calls.get(call._id)) ?? call);
  rooms.ports.signals.publish(`answer.${answer.run_id}`, { call_id: call._id });
  await resumeIfAnswered(rooms, answer.run_id);
  return approvalView(changed, run);
}

function answered(run: RunDocument, call: CallDocument): AppError {
  return new AppError("approval_answered", whyClosed(call), { show: { approval: approvalView(call, run) } });
}

function whyClosed({ approval, result }: CallDocument): string {
  if (approval?.decision === "expired") return "Nobody answered the question in time. The call did not run.";
  if (approval?.decision) return "The question was answered before; the first answer counts.";
  return `Nobody answered the question before it was closed. ${result?.error?.message ?? ""} The call did not run.`;
}

async function checkArguments(
  rooms: Rooms,
  caller: Caller,
  call: CallDocument,
  args: unknown,
): Promise<void> {
  const { calls } = await askService(rooms, caller, "tools.plan", {
    session_id: call.session_id,
    ...(call.node_id ? { node_id: call.node_id } : {}),
    calls: [{ call_id: call._id, name: call.name, args }],
  });
  const plan = calls[0];
  if (plan?.decision === "invalid") {
    const message = plan.error?.message ?? "The arguments do not fit the tool.";
    const faults = plan.faults?.length ? plan.faults : [{ path: "", message }];
    throw new AppError("invalid_request", message, { errors: faultsUnder("args", faults) });
  }
  if (plan?.decision === "deny")
    throw new AppError("tool_denied", "The policy denies the tool with these arguments.");
}

/** "always" for an execute tool remembers these very arguments, not the tool: another command is another question. */
async function remember(rooms: Rooms, caller: Caller, call: CallDocument, answer: Answer): Promise<void> {
  const exact = call.risk === "execute" ? { args_hash: hashOf(call.args) } : {};
  const rule: PolicyRule = {
    tool: call.name,
    ...(call.node_id ? { node_id: call.node_id } : {}),
    ...exact,
    ...(answer.remember === "session" ? { session_id: call.session_id } : {}),
    decision: answer.decision === "approve" ? "allow" : "deny",
  };
  const shown = call.risk === "execute" ? { args: call.args } : {};
  await askService(rooms, caller, "tools.remember", { user_id: caller.user_id, rule, ...shown });
}
