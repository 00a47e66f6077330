// Sessions and their messages as clients see them.
import { z } from "zod";
import { source } from "../given.ts";
import { count, EXAMPLE, id, named, nextCursor, time } from "./basics.ts";
import { attachment } from "./files.ts";

export const session = named(
  "Session",
  "`model` is null where the default is asked; `active_run_id` is the run that it works on.",
  z.strictObject({
    id: id("session"),
    title: z.string(),
    model: z.string().nullable(),
    message_count: count,
    is_pinned: z.boolean(),
    is_archived: z.boolean(),
    tags: z.array(z.string()),
    active_run_id: id("run").nullable(),
    /** The door whose requests made it: it is listed only when asked for, and goes 30 days after its last use. */
    source: source.optional(),
    created_at: time,
    updated_at: time,
  }),
  {
    id: EXAMPLE.session,
    title: "How full is my disk?",
    model: null,
    message_count: 2,
    is_pinned: false,
    is_archived: false,
    tags: [],
    active_run_id: null,
    created_at: EXAMPLE.time,
    updated_at: EXAMPLE.later,
  },
);
export type Session = z.infer<typeof session>;

export const message = named(
  "Message",
  "A user's has the `attachments` that came with it. An assistant's has the calls it asked for, a tool's the `call_id` and `name` it answers; `run_id` and `step` are there when a run made it. `incomplete`: broken off, cut or cancelled. `replaces`: it stands in the place of that message and all that followed it.",
  z.strictObject({
    id: id("message"),
    session_id: id("session"),
    role: z.enum(["user", "assistant", "tool"]),
    content: z.string(),
    attachments: z.array(attachment).optional(),
    tool_calls: z
      .array(z.strictObject({ call_id: id("call"), name: z.string(), args: z.unknown() }))
      .optional(),
    call_id: id("call").optional(),
    name: z.string().optional(),
    run_id: id("run").optional(),
    step: z.int().optional(),
    status: z.enum(["complete", "incomplete"]),
    replaces: id("message").optional(),
    created_at: time,
  }),
  {
    id: EXAMPLE.answer,
    session_id: EXAMPLE.session,
    role: "assistant",
    content: "Your disk is 61 % full.",
    run_id: EXAMPLE.run,
    step: 2,
    status: "complete",
    created_at: EXAMPLE.later,
  },
);
export type ShownMessage = z.infer<typeof message>;

export const oneSession = z.strictObject({ session });
export const sessionPage = z.strictObject({ sessions: z.array(session), next_cursor: nextCursor });
export const history = z.strictObject({ messages: z.array(message), has_more: z.boolean() });
export const oneMessage = z.strictObject({ message });
/** The download of `?format=json`. */
export const exportedSession = z.strictObject({ session, messages: z.array(message) });
