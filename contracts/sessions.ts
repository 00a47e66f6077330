// Sessions and their messages; parameters of the `sessions` actions.
import { z } from "zod";
import type * as answers from "./answers/sessions.ts";
import { attachment } from "./files.ts";
import { source } from "./given.ts";
import { callId, messageId, runId, sessionId, userId } from "./ids.ts";
import { wholeNumber } from "./whole-number.ts";

export type Session = answers.Session;

const title = z.string().trim().min(1).max(200);
const modelName = z.string().min(1).max(200);

export const createSessionParams = z.strictObject({ title: title.optional(), model: modelName.optional() });
export const sessionParams = z.strictObject({ id: sessionId });
/** Newest first; `q` is a part of the title in any case; `archived` ones, and those of another `source` than our own door, are listed apart and only when asked for. */
export const listSessionsParams = z.strictObject({
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
  q: z.string().max(200).optional(),
  archived: z.stringbool().optional(),
  source: source.optional(),
});
/** Parameters of `sessions.adminList`. */
export const adminListSessionsParams = listSessionsParams.extend({ user_id: userId });
export const updateSessionParams = z.strictObject({
  id: sessionId,
  title: title.optional(),
  model: modelName.nullable().optional(),
  is_pinned: z.boolean().optional(),
  is_archived: z.boolean().optional(),
  tags: z
    .array(z.string().trim().min(1).max(50))
    .max(20)
    .transform((tags) => [...new Set(tags)])
    .optional(),
});
export const renameSessionParams = z.strictObject({ id: sessionId, title });
/** The messages before one, or the newest; answered oldest first. */
export const historyParams = z.strictObject({
  id: sessionId,
  limit: wholeNumber(1, 200, 50),
  before: messageId.optional(),
});
export const addMessageParams = z.strictObject({
  id: sessionId,
  role: z.enum(["user", "assistant"]),
  content: z.string().max(2_000_000).regex(/\S/, "is only white space: give it words"),
});
export const exportParams = z.strictObject({ id: sessionId, format: z.enum(["json", "md"]).default("json") });
/** `page`: where a long export goes on. */
export const exportPartParams = exportParams.extend({ page: z.int().min(1).default(1) });

const toolCall = z.strictObject({ call_id: callId, name: z.string(), args: z.unknown() });
/** Of a message with calls: their ids at the vendor, in order, and what it wants back with them (contracts/models.ts). */
const wire = z.strictObject({
  ids: z.array(z.string()),
  kept: z.strictObject({ by: z.string(), value: z.unknown() }).optional(),
});
/**
 * A message of a session. An assistant's has the calls it asked for, a tool's the `call_id` and `name` it answers; `run_id` and `step` are
 * there when a run made it. `incomplete`: broken off, cut or cancelled. `replaces`: the message that it stands in the place of, with all
 * that followed that; they are not shown any more.
 */
export const message = z.strictObject({
  id: messageId,
  session_id: sessionId,
  role: z.enum(["user", "assistant", "tool"]),
  content: z.string(),
  /** Of a user's message: files that came with it. */
  attachments: z.array(attachment).optional(),
  tool_calls: z.array(toolCall).optional(),
  call_id: callId.optional(),
  name: z.string().optional(),
  run_id: runId.optional(),
  step: z.number().int().optional(),
  status: z.enum(["complete", "incomplete"]),
  replaces: messageId.optional(),
  created_at: z.string(),
  /** For the context of later runs only: it never leaves the server. */
  wire: wire.optional(),
});
export type Message = z.infer<typeof message>;

// What only the agent asks, for the user of the run (the caller's user id is the owner that is checked).
/** A session before something is let into it. `has_line`: runs stand in its line, or once did. */
export type Looked = { session: Session; has_line: boolean };
/**
 * A run's turn has come: it takes the session, and its message stands there. Repeated for the same run it changes nothing.
 * `create` makes the session unless it is there, within the plan's number of sessions; `ended` is a run that has the session
 * but is known to be over, and is replaced. `wants_place`: one that finds the session taken shall stand in its line; `behind`: also where it is free, because
 * others stand there. `again`: it may have been let in before. `earlier`: what was said before its message, where its caller keeps the
 * history and the session is new.
 */
export const enterParams = z.strictObject({
  id: sessionId,
  run_id: runId,
  ended: runId.nullable(),
  wants_place: z.boolean().optional(),
  behind: z.boolean().optional(),
  again: z.boolean().optional(),
  create: z
    .strictObject({ title, max_sessions: z.number().int().nullable(), source: source.optional() })
    .optional(),
  earlier: z.array(message).optional(),
  message,
});
/** A run goes: its messages stand in the session, each once, and the session is free. Only for the run that has the session. */
export const leaveParams = z.strictObject({ id: sessionId, run_id: runId, messages: z.array(message) });
/** A message that comes by itself, e.g. of a task that has ended; the same id twice changes nothing. */
export const noteParams = z.strictObject({ message });
/** Makes the session with its first messages; the same ids twice change nothing. */
export const beginParams = z.strictObject({ id: sessionId, title, messages: z.array(message).min(1) });
/** The newest messages, oldest first, at most `max_bytes` of content; for the model's context. */
export const recentParams = z.strictObject({ id: sessionId, max_bytes: z.number().int().positive() });

/** Asks whether a message is shown: it is there, and no other one has replaced it. */
export const showsParams = z.strictObject({ id: sessionId, message_id: messageId });

/** Messages of a session, oldest first; `complete`: there are no older ones. `replaced`: some of the session were, and are not among these. */
export type Recent = { messages: Message[]; complete: boolean; replaced?: true };
/** How a run entered its session. */
export type Entered = {
  /** The run that has the session now: the one that entered, or the one in its way; null: nobody, and the line goes first. */
  active_run_id: string | null;
  /** Of one that shall stand in line: its number among all that ever did in this session. */
  place: number | null;
  /** Everything said in the session, where that is little; null where it must be asked for. */
  recent: Recent | null;
};
