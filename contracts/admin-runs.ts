// Runs as admins see them: whose they are, which process works them, what was done in them. What was said in them is their users' alone.
import { z } from "zod";
import { userId } from "./ids.ts";
import type { Usage } from "./quota.ts";
import type { FinishReason, RunStatus } from "./run-events.ts";
import { wholeNumber } from "./whole-number.ts";

/** Parameters of `agent.adminList`, newest first: the runs of a user, or, without one, those of everybody that have not ended. */
export const adminListRunsParams = z.strictObject({
  user_id: userId.optional(),
  status: z.enum(["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]).optional(),
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
});

/** `owner`: the process that works it, null while nobody does; `epoch` counts its owners, `takeovers` those who died over it. */
export type AdminRun = {
  id: string;
  user_id: string;
  session_id: string;
  status: RunStatus;
  finish_reason: FinishReason | null;
  model: string;
  owner: string | null;
  epoch: number;
  takeovers: number;
  cancel_requested: boolean;
  /** How many there are. */
  steps: number;
  usage: Usage;
  error?: { code: string; message: string; retryable: boolean };
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
};

/** A call as its journal has it; `args` shortened and without what looks like a secret, as in the audit trail. */
export type JournalCall = {
  call_id: string;
  name: string;
  args?: unknown;
  args_sha256: string;
  node_id: string | null;
  status: string;
  /** From 1 once it is sent. */
  attempt: number;
  ok: boolean | null;
  duration_ms: number | null;
  decision: "approve" | "deny" | "expired" | null;
  decided_by: string | null;
};

/** A step; `characters`: how long its answer is. */
export type JournalStep = {
  number: number;
  status: "complete" | "incomplete";
  model: string;
  characters: number;
  usage: Usage;
  calls: JournalCall[];
};
