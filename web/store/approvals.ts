// The questions that wait for an answer, over all sessions.
import { signal } from "@preact/signals";
import type { OpenApproval } from "../../contracts/answers/runs.ts";
import { call, onLeave } from "./account.ts";
import { onNews } from "./news.ts";
import { sayError } from "./say-error.ts";

export const approvals = signal<OpenApproval[]>([]);
export const failure = signal("");

let isReading = false;
let again = false;

/** One reading at a time; what changes meanwhile is read once more. */
export async function loadApprovals(): Promise<void> {
  again = true;
  if (isReading) return;
  isReading = true;
  try {
    while (again) {
      again = false;
      approvals.value = (await call("GET /agent/approvals", {})).approvals;
      failure.value = "";
    }
  } catch (thrown) {
    failure.value = sayError(thrown);
  } finally {
    isReading = false;
  }
}

export type Answer = {
  decision: "approve" | "deny";
  args?: Record<string, unknown>;
  reason?: string;
  remember?: "no" | "session" | "always";
};

/** @throws ApiError, `approval_answered` when somebody else was faster */
export async function answerApproval(runId: string, callId: string, answer: Answer): Promise<void> {
  try {
    await call("POST /agent/runs/{run_id}/approvals/{call_id}", {
      run_id: runId,
      call_id: callId,
      ...answer,
    } as never);
  } finally {
    void loadApprovals();
  }
}

/** Called once. */
export function followApprovals(): void {
  onLeave(() => {
    approvals.value = [];
  });
  onNews((news) => {
    if (news.event === "ready" || news.event === "approval") void loadApprovals();
  });
}
