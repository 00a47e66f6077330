// What of a user's things has changed, as whoever watches them hears it (GET /events).
import { z } from "zod";
import { id, named } from "./basics.ts";
import { runStatus } from "./run-states.ts";

/** `data` by the name of the event. */
export const NEWS_DATA = {
  ready: z.strictObject({}),
  session: z.strictObject({
    session_id: id("session"),
    change: z.enum(["created", "changed", "removed"]),
  }),
  run: z.strictObject({ run_id: id("run"), session_id: id("session"), status: runStatus }),
  approval: z.strictObject({
    run_id: id("run"),
    /** Absent where the call is of no session. */
    session_id: id("session").optional(),
    call_id: id("call"),
    decision: z.enum(["approve", "deny", "expired"]).nullable(),
  }),
  node: z.strictObject({ node_id: id("node") }),
} satisfies Record<string, z.ZodType>;
type Name = keyof typeof NEWS_DATA;
export type UserNews = { [Key in Name]: { event: Key; data: z.infer<(typeof NEWS_DATA)[Key]> } }[Name];

const DESCRIBED: Record<Name, string> = {
  ready: "From here on everything is heard: read now what you show.",
  session: "A session was made, changed or removed.",
  run: "A run was accepted, began, waits for answers or has ended.",
  approval: "A question was asked (`decision` null), or is answered.",
  node: "A machine came, went, or was changed: read it anew.",
};
named(
  "UserEvent",
  "What of your things has changed. An event can be lost, so look from time to time as well; the same may be told again; other names may come.",
  z.discriminatedUnion(
    "event",
    (Object.keys(NEWS_DATA) as Name[]).map((event) =>
      named(
        `UserEvent_${event}`,
        DESCRIBED[event],
        z.strictObject({ event: z.literal(event), data: NEWS_DATA[event] }),
      ),
    ) as never,
  ),
);
