// A session that is there with its first messages, e.g. the welcome of a new user.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { beginParams } from "../../../contracts/sessions.ts";
import { inLine, type Rooms } from "../rooms.ts";
import { appendMessages } from "./append-messages.ts";
import { writeCounts } from "./count-messages.ts";
import { ensureSession } from "./make-session.ts";

/** Safe to repeat; not bounded by the plan. @throws session_not_found when the id is somebody else's */
export async function beginSession(
  rooms: Rooms,
  caller: Caller,
  { id, title, messages }: z.output<typeof beginParams>,
): Promise<void> {
  await inLine(rooms, id, async () => {
    const session = await ensureSession(rooms, caller, id, { title, max_sessions: null });
    const begun = await appendMessages(rooms, caller, id, messages, () => undefined, { session });
    await writeCounts(rooms, id, begun);
  });
}
