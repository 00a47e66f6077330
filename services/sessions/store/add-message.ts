// A message added by hand, without a run: refused while a run works on the session.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { MessageId } from "../../../contracts/ids.ts";
import type { addMessageParams, Message } from "../../../contracts/sessions.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { inLine, noSession, ownStaying, type Rooms, type SessionDocument, STAYS } from "../rooms.ts";
import { appendMessages } from "./append-messages.ts";
import { type Appended, dropLatePage, noteMessage, notesOf, writeCounts } from "./count-messages.ts";

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
  await inLine(rooms, id, () => add(rooms, caller, message, true));
  return message;
}

/** Adds a message that may be there already, because it was added before. @throws session_not_found, session_busy */
export async function addOnce(rooms: Rooms, caller: Caller, message: Message): Promise<void> {
  await inLine(rooms, message.session_id, () => add(rooms, caller, message, false));
}

async function add(rooms: Rooms, caller: Caller, message: Message, isNew: boolean): Promise<void> {
  const { session_id: id } = message;
  const session = await note(rooms, caller, message);
  let added: Appended | null;
  try {
    // One whose id is new is nowhere yet.
    const known = { session, hasNoneOfThem: isNew };
    added = await appendMessages(rooms, caller, id, [message], requireFree, known);
    const noted = added ? notesOf(session, added) : [];
    if (await writeCounts(rooms, id, added, STAYS, { noted })) return;
  } catch (thrown) {
    // Surely not stored.
    if (isType(thrown, "session_busy", "conflict"))
      await writeCounts(rooms, id, null, {}, { noted: [message.id] });
    throw thrown;
  }
  await dropLatePage(rooms, id, added);
  throw noSession(id);
}

/** @throws session_not_found, session_busy */
async function note(rooms: Rooms, caller: Caller, { id, session_id }: Message): Promise<SessionDocument> {
  for (;;) {
    const expected = { user_id: caller.user_id, active_run: null, ...STAYS };
    const noted = await noteMessage(rooms, session_id, expected, id);
    if (noted) return noted;
    requireFree(await ownStaying(rooms, caller, session_id));
  }
}

function requireFree({ active_run }: SessionDocument): void {
  if (active_run === null) return;
  throw new AppError("session_busy", "The session works on a run. Wait for its end or cancel it.", {
    show: { active_run_id: active_run },
  });
}
