// Questions to the user about calls: asked all at once, part of the journal, each answered once.
import { tellQuestion } from "../events/news.ts";
import { askApprovals } from "../moments/approval.ts";
import { toolAnswered } from "../moments/tool-call.ts";
import { type CallDocument, hasEnded } from "../run-document.ts";
import { carry, type Turn } from "./turn.ts";

/** Asks about every call of the step that policy asks about. @param calls all of the step */
export async function askQuestions(turn: Turn, calls: CallDocument[]): Promise<void> {
  const { agent, run, announcer } = turn;
  const questions = calls.filter(isQuestion);
  if (questions.length === 0) return;
  const isAllThatIsLeft = calls.every((call) => hasEnded(call) || isQuestion(call) || waits(call));
  const { withFiles } = await import("./files-before.ts");
  const shown = await withFiles(turn, questions);
  const asked = await askApprovals({ agent, run, questions: shown, isAllThatIsLeft });
  turn.run = asked.run;
  carry(turn, ...asked.questions);
  for (const call of asked.questions) {
    announcer.approvalAsked(call);
    tellQuestion(agent, call);
  }
}

function isQuestion({ decision, status, approval }: CallDocument): boolean {
  return decision === "ask" && status === "pending" && !approval;
}

function waits({ status, approval }: CallDocument): boolean {
  return status === "waiting_approval" && !approval?.decision;
}

/** Turns an answer into what follows: an approved call may run now, a denied or expired one has its result. */
export async function settleApproval(turn: Turn, call: CallDocument): Promise<CallDocument> {
  const decision = call.approval?.decision;
  turn.announcer.approvalResolved(call);
  await turn.announcer.flush();
  if (decision === "approve") return call;
  const refusal = decision === "deny" ? denied(call.approval?.reason) : EXPIRED;
  const ended = await toolAnswered(turn.agent, call, { ...refusal, duration_ms: 0 });
  turn.announcer.callEnded(ended);
  return ended;
}

/** @param reason the user's own words */
function denied(reason: string | undefined) {
  const message =
    reason === undefined
      ? "The user denied this call. Do not repeat it; go on without it or ask what to do instead."
      : `The user denied this call and says why: "${reason}". Do not repeat it; go on without it or ask what to do instead.`;
  return { status: "denied", result: { ok: false, error: { code: "approval_denied", message } } } as const;
}

const EXPIRED = {
  status: "expired",
  result: {
    ok: false,
    error: { code: "approval_expired", message: "Nobody answered the question about this call in time." },
  },
} as const;
