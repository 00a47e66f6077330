// The events of a run as SSE clients read them.
import { z } from "zod";
import { bound } from "../bound.ts";
import { fileBefore } from "../file-before.ts";
import { id, named, time } from "./basics.ts";
import { usage } from "./quota.ts";
import { callStatus, endStatus, failure, finishReason, risk, runStatus } from "./run-states.ts";

const inStep = { step: z.int().positive() };
const ofCall = { ...inStep, call_id: id("call") };
const ofTool = { ...ofCall, name: z.string() };
const nodeId = id("node").nullable();

/** `data` by the name of the event. */
export const EVENT_DATA = {
  run: z.strictObject({
    run_id: id("run"),
    session_id: id("session"),
    message_id: id("message"),
    model: z.string(),
    status: runStatus,
    created_at: time,
  }),
  content: z.strictObject({ ...inStep, text: z.string().min(1) }),
  reasoning: z.strictObject({ ...inStep, text: z.string().min(1) }),
  /** Of a run of the model alone: a thought is whole, as the vendor gave it and wants it back. */
  thought: z.strictObject({ ...inStep, value: z.unknown() }),
  usage: z.strictObject({ ...inStep, ...usage.shape, model: z.string() }),
  tool_start: z.strictObject({ ...ofTool, args: z.unknown(), node_id: nodeId }),
  approval_required: z.strictObject({
    ...ofTool,
    args: z.unknown(),
    risk,
    node_id: nodeId,
    because: z.string().min(1).optional(),
    bound: bound.optional(),
    before: fileBefore.optional(),
    expires_at: time,
  }),
  approval_resolved: z.strictObject({
    ...ofCall,
    decision: z.enum(["approve", "deny", "expired"]),
    by: z.string(),
    args: z.unknown().optional(),
    reason: z.string().optional(),
  }),
  tool_output: z.strictObject({ ...ofCall, stream: z.enum(["stdout", "stderr"]), text: z.string() }),
  tool_result: z.strictObject({
    ...ofTool,
    ok: z.boolean(),
    status: callStatus,
    result: z.unknown(),
    duration_ms: z.number().min(0),
  }),
  retry: z.strictObject({
    ...inStep,
    attempt: z.int().positive(),
    of: z.int().positive(),
    reason: z.string().min(1),
    wait_ms: z.int().min(0),
  }),
  reset: z.strictObject({ ...inStep, reason: z.string() }),
  error: failure,
  done: z.strictObject({
    run_id: id("run"),
    status: endStatus,
    finish_reason: finishReason,
    message_id: id("message").nullable(),
  }),
} satisfies Record<string, z.ZodType>;

const DESCRIBED: Record<keyof typeof EVENT_DATA, string> = {
  run: "Sent at acceptance, also when queued; `message_id` is the user's message.",
  content: "A piece of the answer.",
  reasoning: "A piece of the model's reasoning, where it gives it.",
  thought:
    "Of a run of the model alone: a thought is whole, in the vendor's own form; it wants it back so with the answer.",
  usage: "One for each step, before its first `tool_start` or before `done`.",
  tool_start: "One for each call, also for unknown, malformed and denied ones.",
  approval_required:
    "A question; all of a step at once. `bound`: what the arguments mean on the machine; `before`: what stands in the file that it would write into.",
  approval_resolved: "Its answer; `args` where it changed them, `reason` where it says why it denies.",
  tool_output: "What a call prints while it runs, bounded.",
  tool_result: "The end of a call, as they finish.",
  retry:
    "The model failed and is asked again after `wait_ms`; `attempt` is the number of the question that comes, from 1, of at most `of`.",
  reset: "What was sent for this step is void and comes anew.",
  error: "Why the run failed; `code` is one of the catalogue.",
  done: "The end; `message_id` is the last assistant message, or null.",
};

const NAMES = Object.keys(EVENT_DATA) as (keyof typeof EVENT_DATA)[];

/** Each is a component of its own, so that programs made from the page have a type for each. */
named(
  "RunEvent",
  "One server-sent event: `event` is its name, `data` its JSON; the SSE `id` is its number in the run, from 1 without gaps. `run` is the first, `done` the last, once each. `content` and `reasoning` are pieces: those of a step since its last `reset`, joined, are its text. Every `tool_start` has exactly one `tool_result`. `error` comes once, only in a failed run, just before `done`.",
  z.discriminatedUnion(
    "event",
    NAMES.map((event) =>
      named(
        `Event_${event}`,
        DESCRIBED[event],
        z.strictObject({ event: z.literal(event), data: EVENT_DATA[event] }),
      ),
    ) as never,
  ),
  { event: "content", data: { step: 1, text: "Your disk is " } } as never,
);
