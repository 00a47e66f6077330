// A message added by hand, without a run: refused while a run works on the session.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { MessageId } from "../../../contracts/ids.ts";
import type { addMessageParams, Message } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { inLine, type Rooms, type SessionDocument } from "../rooms.ts";
import { appendMessages, writeCounts } from "./append-messages.ts";

/** @throws session_not_found, session_busy */
export async function addMessage(
  rooms: Rooms,
  caller: Caller,
  { id, role, content }: z.output<typeof addMessageParams>,
): Promise<Message> {
  const message: Message = {
    id: newId<MessageId>("message"),
    session_id: id,
    role,
    content,
    status: "complete",
    created_at: new Date().toISOString(),
  };
  // Looked at when its turn in the session's line has come: a run that enters the session then stands behind this message.
  await inLine(rooms, id, async () => {
    const counts = await appendMessages(rooms, caller, id, [message], requireFree);
    await writeCounts(rooms, id, counts);
  });
  return message;
}

function requireFree({ active_run }: SessionDocument): void {
  if (active_run === null) return;
  throw new AppError("session_busy", "The session works on a run. Wait for its end or cancel it.", {
    show: { active_run_id: active_run },
  });
}
