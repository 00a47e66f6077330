// A message added by hand, without a run: refused while a run works on the session.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { MessageId } from "../../../contracts/ids.ts";
import type { addMessageParams, Message } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { ownSession, type Rooms } from "../rooms.ts";
import { appendMessages } from "./append-messages.ts";

/** @throws session_not_found, session_busy */
export async function addMessage(
  rooms: Rooms,
  caller: Caller,
  { id, role, content }: z.output<typeof addMessageParams>,
): Promise<Message> {
  const session = await ownSession(rooms, caller, id);
  if (session.active_run)
    throw new AppError("session_busy", "The session works on a run. Wait for its end or cancel it.", {
      show: { active_run_id: session.active_run },
    });
  const message: Message = {
    id: newId<MessageId>("message"),
    session_id: id,
    role,
    content,
    status: "complete",
    created_at: new Date().toISOString(),
  };
  // A run that claims the session now appends behind this message: both stand in the session's line.
  await appendMessages(rooms, caller, id, [message]);
  return message;
}
