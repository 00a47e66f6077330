// Runs, their steps and questions as clients see them.
import { z } from "zod";
import { bound } from "../bound.ts";
import { fileBefore } from "../file-before.ts";
import { source } from "../given.ts";
import { EXAMPLE, id, named, nextCursor, time } from "./basics.ts";
import { usage } from "./quota.ts";
import { callStatus, failure, finishReason, risk, runStatus } from "./run-states.ts";
import { message } from "./sessions.ts";

const asked = {
  call_id: id("call"),
  run_id: id("run"),
  name: z.string(),
  args: z.unknown(),
  risk,
  node_id: id("node").nullable(),
  /** Why it is asked about whatever was remembered. */
  because: z.string().optional(),
  bound: bound.optional(),
  before: fileBefore.optional(),
  asked_at: time,
  expires_at: time,
  decision: z.enum(["approve", "deny", "expired"]).nullable(),
  decided_by: z.string().nullable(),
  decided_at: time.nullable(),
  /** Why it was denied, where the answer says so. */
  reason: z.string().optional(),
};
const QUESTION = {
  call_id: EXAMPLE.call,
  run_id: EXAMPLE.run,
  name: "execute_command",
  args: { command: "df -h /" },
  risk: "execute" as const,
  node_id: EXAMPLE.node,
  asked_at: EXAMPLE.time,
  expires_at: "2026-11-30T10:41:07.312Z",
  decision: null,
  decided_by: null,
  decided_at: null,
};
export const approval = named(
  "Approval",
  "A question about a call, and its answer once there is one: the three last fields are null together until then. `args` are what runs, those of the answer where it changed them. `before` is what stood in the file that the call would write into. `decided_by` is a user's id, or `system` of one that expired.",
  z.strictObject(asked),
  QUESTION,
);
export type Approval = z.infer<typeof approval>;

export const openApproval = named(
  "OpenApproval",
  "A question that waits, with where it comes from; without a title when its session is being removed, without a session where a program asks for the call outside of any (`POST /tools/{name}/execute` with `ask`).",
  z.strictObject({ ...asked, session_id: id("session").optional(), session_title: z.string().optional() }),
  { ...QUESTION, session_id: EXAMPLE.session, session_title: "How full is my disk?" },
);
export type OpenApproval = z.infer<typeof openApproval>;

export const stepCall = named(
  "StepCall",
  "A call with its one result. `pending` until it is sent, `waiting_approval` while asked, `running` while on the node, then how it ended. `ok`, `result` and `duration_ms` (milliseconds) are null until then.",
  z.strictObject({
    call_id: id("call"),
    name: z.string(),
    args: z.unknown(),
    node_id: id("node").nullable(),
    status: z.enum(["pending", "waiting_approval", "running", ...callStatus.options]),
    ok: z.boolean().nullable(),
    result: z.unknown(),
    duration_ms: z.number().nullable(),
    approval: approval.optional(),
  }),
);
export type StepCall = z.infer<typeof stepCall>;

export const step = named(
  "Step",
  "One question to the model with the calls it asked for, in the model's order; `number` from 1. `incomplete`: broken off, cut at a limit or cancelled, `content` is what came. `usage` has what a summary of the older messages cost as well.",
  z.strictObject({
    number: z.int().positive(),
    status: z.enum(["complete", "incomplete"]),
    content: z.string(),
    model: z.string(),
    tool_calls: z.array(stepCall),
    /** In a run of mode `model`: the calls that are the caller's to make, and the model's thoughts as its vendor gave them. */
    handed_back: z
      .array(z.strictObject({ call_id: id("call"), name: z.string(), arguments: z.string() }))
      .optional(),
    thoughts: z.array(z.unknown()).optional(),
    /** The text of the caller's that ended the answer, where the vendor says which. */
    stop_sequence: z.string().optional(),
    usage,
  }),
);
export type Step = z.infer<typeof step>;

const USED = { input_tokens: 1_624, output_tokens: 97, cost_usd: 0.0003, estimated: false };
export const run = named(
  "Run",
  "`message_id` is the user's message, `answer_id` the last assistant message: null while there is none. `started_at` is null in the queue, `ended_at` and `finish_reason` until the end; `error` is there in a failed one.",
  z.strictObject({
    id: id("run"),
    session_id: id("session"),
    status: runStatus,
    finish_reason: finishReason.nullable(),
    /** `model`: one question to the model alone, for a program with tools of its own; of the agent unless there. */
    mode: z.enum(["model"]).optional(),
    /** The door that it came through; our own unless there. */
    source: source.optional(),
    model: z.string(),
    message_id: id("message"),
    answer_id: id("message").nullable(),
    steps: z.array(step),
    usage,
    error: failure.optional(),
    created_at: time,
    started_at: time.nullable(),
    ended_at: time.nullable(),
  }),
  {
    id: EXAMPLE.run,
    session_id: EXAMPLE.session,
    status: "completed",
    finish_reason: "stop",
    model: "openai/gpt-4o-mini",
    message_id: EXAMPLE.message,
    answer_id: EXAMPLE.answer,
    steps: [
      {
        number: 1,
        status: "complete",
        content: "Your disk is 61 % full.",
        model: "openai/gpt-4o-mini",
        tool_calls: [],
        usage: USED,
      },
    ],
    usage: USED,
    created_at: EXAMPLE.time,
    started_at: EXAMPLE.time,
    ended_at: EXAMPLE.later,
  },
);
export type Run = z.infer<typeof run>;

export const model = named(
  "Model",
  "A model that users may choose; `id` is `provider/model`, `context_window` in tokens. `reason`: why it cannot be used now, in words a person can act on. `price`: US dollars for a million tokens; null where it is not known.",
  z.strictObject({
    id: z.string(),
    provider: z.string(),
    available: z.boolean(),
    reason: z.string().optional(),
    context_window: z.int(),
    price: z.strictObject({ input_per_million: z.number(), output_per_million: z.number() }).nullable(),
  }),
  {
    id: "openai/gpt-4o-mini",
    provider: "openai",
    available: true,
    context_window: 128_000,
    price: { input_per_million: 0.15, output_per_million: 0.6 },
  },
);
export type ModelInfo = z.infer<typeof model>;

export const oneRun = z.strictObject({ run });
export const runPage = z.strictObject({ runs: z.array(run), next_cursor: nextCursor });
export const oneCall = z.strictObject({ call: stepCall });
export const oneApproval = z.strictObject({ approval });
export const openApprovals = z.strictObject({ approvals: z.array(openApproval) });
export const models = z.strictObject({ models: z.array(model), default: z.string() });

export const finishedChat = named(
  "FinishedChat",
  "A run that has ended, also one that failed (`error`). `message`: its last assistant message, null when there is none.",
  z.strictObject({
    run_id: id("run"),
    session_id: id("session"),
    status: z.enum(["completed", "failed", "cancelled"]),
    message: message.nullable(),
    tool_calls: z.array(stepCall),
    usage,
    error: failure.optional(),
  }),
);
export const waitingChat = named(
  "WaitingChat",
  "A run that waits for answers: `POST /agent/runs/{run_id}/approvals/{call_id}` gives one, `GET /agent/runs/{run_id}/events` goes on.",
  z.strictObject({
    run_id: id("run"),
    session_id: id("session"),
    status: z.literal("waiting_approval"),
    approvals: z.array(approval),
  }),
);
