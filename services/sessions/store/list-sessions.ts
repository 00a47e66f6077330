// A user's sessions, newest first, page by page; archived ones apart; titles searched without regard to case.
import type { z } from "zod";
import type { UserId } from "../../../contracts/ids.ts";
import type { listSessionsParams, Session } from "../../../contracts/sessions.ts";
import { decodeCursor, encodeCursor, placeOf } from "../../../lib/cursor.ts";
import type { Rooms, SessionDocument } from "../rooms.ts";
import { countedNow } from "./count-messages.ts";

const AT_ONCE = 200;

/** @throws invalid_request when the cursor is none */
export async function listSessions(
  rooms: Rooms,
  user_id: UserId,
  { limit, cursor, q, archived = false, source }: z.output<typeof listSessionsParams>,
): Promise<{ sessions: Session[]; next_cursor: string | null }> {
  const wanted = q === undefined ? undefined : comparable(q);
  const found: SessionDocument[] = [];
  let after = cursor === undefined ? undefined : decodeCursor(cursor);
  const atOnce = wanted ? AT_ONCE : limit + 1;
  for (;;) {
    const page = await rooms.sessions.list({
      index: "by_shelf",
      equals: { user_id, source: source ?? null, is_archived: archived },
      order: "desc",
      limit: atOnce,
      ...(after ? { after } : {}),
    });
    found.push(...page.filter(({ title }) => !wanted || comparable(title).includes(wanted)));
    const last = page.at(-1);
    if (!last || page.length < atOnce || found.length > limit) break;
    after = placeOf(last);
  }
  const shown = await Promise.all(found.slice(0, limit).map((session) => countedNow(rooms, session)));
  const last = shown.at(-1);
  return {
    sessions: await rooms.db.transformDocuments(undefined, {}, shown),
    next_cursor: found.length > limit && last ? encodeCursor(placeOf(last)) : null,
  };
}

/** One spelling for letters that can be written in two ways, and for capitals. */
const comparable = (text: string) => text.trim().normalize("NFC").toLowerCase();
