// The objects and events of the HTTP contract as strict schemas: a field too few or too many does not fit.
import { z } from "zod";

export const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}(_\\d{3}){0,2}$`));
export const time = z.iso.datetime({ offset: false }).endsWith("Z");
export const count = z.int().min(0);
export const usage = z.strictObject({
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().min(0),
  estimated: z.boolean(),
});
export const limit = z.number().nullable();
export const limits = z.strictObject({
  runs_per_day: limit,
  runs_per_minute: limit,
  runs_per_hour: limit,
  tokens_per_day: limit,
  cost_usd_per_day: limit,
  concurrent_runs: limit,
  max_sessions: limit,
  max_tools: limit,
});
export const plan = z.strictObject({
  name: z.string(),
  display_name: z.string(),
  price_monthly: limit,
  price_yearly: limit,
  limits,
  features: z.array(z.string()),
});
export const user = z.strictObject({
  id: id("usr"),
  email: z.string().includes("@"),
  display_name: z.string(),
  avatar_url: z.string().nullable(),
  role: z.enum(["free_user", "pro_user", "admin"]),
  plan: z.string(),
  is_verified: z.boolean(),
  created_at: time,
  last_login_at: time.nullable(),
});
export const tokens = z.strictObject({
  user,
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int().positive(),
});
export const session = z.strictObject({
  id: id("ses"),
  title: z.string(),
  model: z.string().nullable(),
  message_count: count,
  is_pinned: z.boolean(),
  is_archived: z.boolean(),
  tags: z.array(z.string()),
  active_run_id: id("run").nullable(),
  created_at: time,
  updated_at: time,
});
export const message = z.strictObject({
  id: id("msg"),
  session_id: id("ses"),
  role: z.enum(["user", "assistant", "tool"]),
  content: z.string(),
  tool_calls: z
    .array(z.strictObject({ call_id: id("call"), name: z.string(), args: z.unknown() }))
    .optional(),
  call_id: id("call").optional(),
  name: z.string().optional(),
  run_id: id("run").optional(),
  step: z.int().optional(),
  status: z.enum(["complete", "incomplete"]),
  created_at: time,
});
const risk = z.enum(["read", "write", "execute"]);
const bound = z.strictObject({
  hosts: z.array(z.string()),
  places: z.array(
    z.strictObject({
      path: z.string(),
      real: z.string().nullable(),
      folder: z.string().nullable(),
      id: z.string().nullable(),
    }),
  ),
  scripts: z.array(z.strictObject({ path: z.string(), sha256: z.string().length(64) })),
});
export const approval = z.strictObject({
  call_id: id("call"),
  run_id: id("run"),
  name: z.string(),
  args: z.unknown(),
  risk,
  node_id: id("nod").nullable(),
  because: z.string().min(1).optional(),
  bound: bound.optional(),
  asked_at: time,
  expires_at: time,
  decision: z.enum(["approve", "deny", "expired"]).nullable(),
  decided_by: id("usr").nullable(),
  decided_at: time.nullable(),
});
const ended = z.enum(["done", "failed", "denied", "expired", "cancelled", "outcome_unknown"]);
export const call = z.strictObject({
  call_id: id("call"),
  name: z.string(),
  args: z.unknown(),
  node_id: id("nod").nullable(),
  status: z.enum(["pending", "waiting_approval", "running", ...ended.options]),
  ok: z.boolean().nullable(),
  result: z.unknown(),
  duration_ms: z.number().nullable(),
  approval: approval.optional(),
});
const step = z.strictObject({
  number: z.int().positive(),
  status: z.enum(["complete", "incomplete"]),
  content: z.string(),
  model: z.string(),
  tool_calls: z.array(call),
  usage,
});
const failure = z.strictObject({ code: z.string(), message: z.string(), retryable: z.boolean() });
const runStatus = z.enum(["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]);
const reason = z.enum(["stop", "length", "max_steps", "budget", "deadline", "cancelled", "error"]);
export const run = z.strictObject({
  id: id("run"),
  session_id: id("ses"),
  status: runStatus,
  finish_reason: reason.nullable(),
  model: z.string(),
  message_id: id("msg"),
  answer_id: id("msg").nullable(),
  steps: z.array(step),
  usage,
  error: failure.optional(),
  created_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
});
export const node = z.strictObject({
  id: id("nod"),
  name: z.string(),
  platform: z.string(),
  version: z.string(),
  status: z.enum(["online", "offline", "revoked"]),
  labels: z.record(z.string(), z.string()),
  tools: z.array(z.string()),
  last_seen_at: time,
  queue_length: count,
  load: z.number().min(0).max(1).optional(),
  battery: z.strictObject({ percent: count.max(100), charging: z.boolean() }).optional(),
  record_problem: z.string().optional(),
  frozen: z.boolean(),
  frozen_since: z.iso.datetime().optional(),
  frozen_by: z.array(z.enum(["mac", "owner", "admin"])).optional(),
});
export const key = z.strictObject({
  id: id("key"),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  created_at: time,
});
export const tool = z.strictObject({
  name: z.string(),
  category: z.string(),
  description: z.string(),
  parameters: z.object({ type: z.literal("object") }),
  risk,
  runs_on: z.enum(["node", "server"]),
  egress: z.boolean(),
  nodes: z.array(id("nod")),
});

const inStep = { step: z.int().positive() };
const ofCall = { ...inStep, call_id: id("call") };
const named = { ...ofCall, name: z.string() };
export const EVENTS: Record<string, z.ZodType> = {
  run: z.strictObject({
    run_id: id("run"),
    session_id: id("ses"),
    message_id: id("msg"),
    model: z.string(),
    status: runStatus,
    created_at: time,
  }),
  content: z.strictObject({ ...inStep, text: z.string().min(1) }),
  reasoning: z.strictObject({ ...inStep, text: z.string().min(1) }),
  usage: z.strictObject({ ...inStep, ...usage.shape, model: z.string() }),
  tool_start: z.strictObject({ ...named, args: z.unknown(), node_id: id("nod").nullable() }),
  approval_required: z.strictObject({
    ...named,
    args: z.unknown(),
    risk,
    node_id: id("nod").nullable(),
    because: z.string().min(1).optional(),
    bound: bound.optional(),
    expires_at: time,
  }),
  approval_resolved: z.strictObject({
    ...ofCall,
    decision: z.enum(["approve", "deny", "expired"]),
    by: z.string(),
    args: z.unknown().optional(),
  }),
  tool_output: z.strictObject({ ...ofCall, stream: z.enum(["stdout", "stderr"]), text: z.string() }),
  tool_result: z.strictObject({
    ...named,
    ok: z.boolean(),
    status: ended,
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
    status: z.enum(["completed", "failed", "cancelled"]),
    finish_reason: reason,
    message_id: id("msg").nullable(),
  }),
};
