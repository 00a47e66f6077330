// The moment "approval answered": the first answer counts, whoever gives it; the owner of the run finds it there.
import type { Caller } from "../../../contracts/access.ts";
import type { Bound } from "../../../contracts/bound.ts";
import type { CallId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import type { CallDocument, StoredApproval } from "../run-document.ts";
import { auditCall } from "./audit-run.ts";

/**
 * @param by the user with the credential it answers with, or "system"
 * @param given the arguments the call runs with from now on, and what they mean, when the answer gives others
 * @returns the call as answered, or null when it was answered before
 */
export function answerQuestion(
  rooms: Rooms,
  id: CallId,
  decision: NonNullable<StoredApproval["decision"]>,
  by: Pick<Caller, "user_id" | "key_id"> | "system",
  given?: { args: unknown; bound: Bound | undefined },
): Promise<CallDocument | null> {
  return rooms.ports.moments.run(async () => {
    const answered = await rooms.calls.compareAndSet(
      id,
      { status: "waiting_approval", "approval.decision": null },
      {
        $set: {
          "approval.decision": decision,
          "approval.decided_by": by === "system" ? by : by.user_id,
          ...(by !== "system" && by.key_id ? { "approval.decided_with": by.key_id } : {}),
          "approval.decided_at": new Date().toISOString(),
          asked: null,
          ...(given ? { args: given.args, ...(given.bound ? { bound: given.bound } : {}) } : {}),
        },
        ...(given && !given.bound ? { $unset: { bound: "" } } : {}),
      },
    );
    if (answered) await auditCall(rooms, answered);
    return answered;
  });
}
