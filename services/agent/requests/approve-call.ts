// Answers a question about a call: once, for exactly the arguments that were shown or for those the answer gives.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { Approval, approveParams } from "../../../contracts/agent.ts";
import type { Bound } from "../../../contracts/bound.ts";
import type { PolicyRule } from "../../../contracts/policy.ts";
import { requireScope } from "../../../lib/broker/authorization.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { faultsUnder } from "../../../lib/field-errors.ts";
import { rememberedRules } from "../../../lib/tools/remembered-rules.ts";
import type { AgentContext } from "../context.ts";
import { answerApproval } from "../moments/approval.ts";
import { resumeIfAnswered } from "../ownership/resume-run.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";
import { approvalView } from "../runs/view.ts";

type Answer = z.output<typeof approveParams>;

/**
 * An answer that is remembered is a rule, and arguments of one's own are a call of one's own: both need what those need elsewhere.
 * @returns the approval as answered
 * @throws scope_missing, run_not_found, approval_answered with the first answer when there is one, approval_not_found, invalid_request for new arguments
 * that do not fit the tool, tool_denied when policy denies those
 */
export async function approveCall(agent: AgentContext, caller: Caller, answer: Answer): Promise<Approval> {
  if (answer.remember !== "no") requireScope(caller, "account", " to remember the answer as a rule");
  if (answer.args) requireScope(caller, "tools:execute", " to choose other arguments");
  const run = await ownRun(agent, caller, answer.run_id).catch((thrown: unknown) => {
    if (isType(thrown, "run_not_found")) return undefined;
    throw thrown;
  });
  // Of a call outside of runs, if there is such a question.
  if (!run) return (await agent.ask(caller, "tools.answer", answer, { asThemselves: true })).approval;
  const call = await agent.calls.get(answer.call_id);
  if (call?.run_id !== answer.run_id || !call.approval)
    throw new AppError("approval_not_found", `The run asks nothing about "${answer.call_id}".`);
  if (call.approval.decision || call.status !== "waiting_approval") throw answered(run, call);
  const { decision, args, reason, remember } = answer;
  const given =
    decision === "approve" && args
      ? {
          args,
          bound: await checkArguments(agent, caller, call, args),
          keepsFile: await isOfSameFile(call, args),
        }
      : undefined;
  const changed = await answerApproval(agent, caller, call._id, {
    decision,
    by: caller,
    ...(given ? { given } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(remember === "no" ? {} : { remember: (decided: CallDocument) => rulesOf(decided, answer) }),
  });
  if (!changed) throw answered(run, (await agent.calls.get(call._id)) ?? call);
  agent.signals.publish(`answer.${answer.run_id}`, { call_id: call._id });
  await resumeIfAnswered(agent, answer.run_id);
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
  agent: AgentContext,
  caller: Caller,
  call: CallDocument,
  args: unknown,
): Promise<Bound | undefined> {
  const { calls } = await agent.ask(caller, "tools.plan", {
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
  return plan?.bound;
}

async function isOfSameFile(call: CallDocument, args: unknown): Promise<boolean> {
  const { writtenFile } = await import("../../../contracts/file-before.ts");
  return writtenFile({ name: call.name, args }) === writtenFile(call);
}

/** "always" for an execute tool remembers these very arguments, not the tool: another command is another question. */
function rulesOf(call: CallDocument, answer: Answer): PolicyRule[] {
  const decision = answer.decision === "approve" ? "allow" : "deny";
  return rememberedRules(call, decision, answer.remember === "session" ? call.session_id : undefined);
}
