// Puts a message in the place of another: finds where that stands, and says what is not shown any more (rooms.ts, `replaced`). Loaded when it
// is asked for.
import type { MessageId } from "../../../contracts/ids.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import { isReplaced, type MessagePage, type Replaced, type SessionDocument } from "../rooms.ts";

/** With one more, which may be there already. What it hides that was hidden before is part of it. */
export function withReplaced({ replaced = [] }: SessionDocument, [from, to]: Replaced): Replaced[] {
  const apart = replaced.filter(([first, last]) => last < from || first > to);
  const touching = replaced.filter(([first, last]) => last >= from && first <= to);
  const joined: Replaced = [
    Math.min(from, ...touching.map(([first]) => first)),
    Math.max(to, ...touching.map(([, last]) => last)),
  ];
  return [...apart, joined].toSorted(([a], [b]) => a - b);
}

/** A message with its number, and whether it is shown. */
export type Placed = { message: Message; number: number; isShown: boolean };

/** Where a message stands. @param pages the session's, newest first */
export async function findPlace(
  pages: AsyncIterable<MessagePage>,
  { replaced = [] }: SessionDocument,
  id: MessageId,
): Promise<Placed | undefined> {
  for await (const { messages, before } of pages) {
    const index = messages.findIndex((message) => message.id === id);
    const message = messages[index];
    if (message) return { message, number: before + index, isShown: !isReplaced(replaced, before + index) };
  }
  return undefined;
}

/** @throws message_not_found, invalid_request (it is none of the user's), conflict (another one has replaced it already) */
export function requireReplaceable(id: MessageId, place: Placed | undefined): Placed {
  if (!place) throw new AppError("message_not_found", `The session has no message "${id}".`);
  const message = "must be a message of the user";
  if (place.message.role !== "user")
    throw new AppError("invalid_request", `"replaces" ${message}.`, {
      errors: [{ path: "replaces", message }],
    });
  if (!place.isShown)
    throw new AppError("conflict", "That message was replaced already: read the session again.");
  return place;
}
