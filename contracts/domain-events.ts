// What happens, for programs outside: one envelope, and the data of each type. Ids, numbers and words of ours only: no texts of
// users, no secrets. In a cluster `nats sub 'mj.event.>'` shows them (docs/decisions/2026-11-29-domain-events.md).
import { z } from "zod";
import { callId, messageId, nodeId, runId, sessionId, userId } from "./ids.ts";

/** As much of a name as is told: of a plan, a model, a tool. */
const name = z.string().max(256);
const count = z.number().int().nonnegative();

const DATA = {
  "user.registered": z.strictObject({ user_id: userId, plan: name }),
  "subscription.changed": z.strictObject({ user_id: userId, plan: name, former_plan: name }),
  "session.created": z.strictObject({ session_id: sessionId, user_id: userId }),
  /** A message of the user or of the assistant is in its session; those of a run with its id. */
  "message.sent": z.strictObject({
    message_id: messageId,
    session_id: sessionId,
    user_id: userId,
    role: z.enum(["user", "assistant"]),
    run_id: runId.optional(),
  }),
  "run.finished": z.strictObject({
    run_id: runId,
    session_id: sessionId,
    user_id: userId,
    status: z.enum(["completed", "failed", "cancelled"]),
    finish_reason: name.nullable(),
    error: name.optional(),
    model: name,
    steps: count,
    input_tokens: count,
    output_tokens: count,
    /** Millionths of a dollar. */
    cost_micro: count,
  }),
  /** A call has its result; one that was refused or cancelled before it ran is none. A call that a user made directly has no run. */
  "tool.executed": z.strictObject({
    call_id: callId,
    user_id: userId,
    run_id: runId.optional(),
    session_id: sessionId.optional(),
    name: z.string().max(64),
    node_id: nodeId.nullable(),
    status: z.enum(["done", "failed", "cancelled", "outcome_unknown"]),
    ok: z.boolean(),
    duration_ms: count,
  }),
  /** A user's Mac belongs to the cluster from now on; `node.joined` says that it is connected. */
  "node.paired": z.strictObject({ node_id: nodeId, user_id: userId }),
  "node.joined": z.strictObject({ node_id: nodeId, process: name }),
  "node.left": z.strictObject({ node_id: nodeId, process: name }),
};

export type DomainEventType = keyof typeof DATA;
export type DomainEventData<Type extends DomainEventType> = z.output<(typeof DATA)[Type]>;

const TYPES = Object.keys(DATA) as [DomainEventType, ...DomainEventType[]];

/** The envelope. The same `id` is the same event, told once more: a listener knows it by that. */
const envelope = z.strictObject({
  id: z.string().regex(/^evt_\w+$/),
  type: z.enum(TYPES),
  /** The service that told it. */
  source: z.string(),
  data: z.unknown(),
  timestamp: z.iso.datetime(),
  /** Of the data's form. */
  version: z.literal(1),
});

export type DomainEvent = z.output<typeof envelope>;

/** @throws ZodError for what is no event: nothing but these fields goes out */
export function parseDomainEvent(value: unknown): DomainEvent {
  const event = envelope.parse(value);
  return { ...event, data: DATA[event.type].parse(event.data) };
}
