// Questions to the user about calls: asked all at once, part of the journal, each answered once.
import { recordCall } from "../journal/record-call.ts";
import { showWaiting } from "../journal/show-waiting.ts";
import { type CallDocument, hasEnded } from "../run-document.ts";
import type { Turn } from "./turn.ts";

/** The moment "approval asked" for every call of the step that policy asks about; changes `calls` in place. */
export async function askApprovals(turn: Turn, calls: Map<string, CallDocument>): Promise<void> {
  const { rooms, announcer } = turn;
  const questions = [...calls.values()].filter(
    (call) => call.decision === "ask" && call.status === "pending" && !call.approval,
  );
  if (questions.length === 0) return;
  const now = Date.now();
  const approval = {
    asked_at: new Date(now).toISOString(),
    expires_at: new Date(now + rooms.settings.approvalMs).toISOString(),
    decision: null,
    decided_by: null,
    decided_at: null,
  };
  await rooms.ports.moments.run(async () => {
    for (const call of questions)
      calls.set(call._id, await recordCall(rooms, call, { status: "waiting_approval", approval, asked: 1 }));
    if (isAllThatIsLeft(calls)) turn.run = await showWaiting(rooms, turn.run);
    await rooms.crash("approval.asked");
  });
  for (const call of questions) announcer.approvalAsked(calls.get(call._id) ?? call);
}

/** Whether nothing of the step can go on without an answer. */
function isAllThatIsLeft(calls: Map<string, CallDocument>): boolean {
  return [...calls.values()].every(
    (call) => hasEnded(call) || (call.status === "waiting_approval" && !call.approval?.decision),
  );
}

/** Turns an answer into what follows: an approved call may run now, a denied or expired one has its result. */
export async function settleApproval(turn: Turn, call: CallDocument): Promise<CallDocument> {
  const decision = call.approval?.decision;
  turn.announcer.approvalResolved(call);
  await turn.announcer.flush();
  await turn.rooms.crash("approval.answered");
  if (decision === "approve") return call;
  const [status, message] =
    decision === "deny"
      ? ([
          "denied",
          "The user denied this call. Do not repeat it; go on without it or ask what to do instead.",
        ] as const)
      : (["expired", "Nobody answered the question about this call in time."] as const);
  const ended = await recordCall(turn.rooms, call, {
    status,
    result: {
      ok: false,
      error: { code: status === "denied" ? "approval_denied" : "approval_expired", message },
    },
    duration_ms: 0,
    asked: null,
  });
  turn.announcer.callEnded(ended);
  return ended;
}
