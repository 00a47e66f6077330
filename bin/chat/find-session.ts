// Which session a person means: a number of the list, an id, or the end of an id.
import type { Session } from "../../contracts/sessions.ts";
import type { Server } from "../terminal/server.ts";

/** Characters of an id that are shown: its end is random, its beginning is the time. */
const SHORT = 6;
/** Shorter ends of ids would be ambiguous soon. */
const LEAST = 4;
const PAGE = 100;
/** Sessions looked through for the end of an id. */
const MOST_PAGES = 50;

export function shortId(id: string): string {
  return id.slice(-SHORT);
}

type Page = { sessions: Session[]; next_cursor: string | null };

/** The newest sessions. @param text what their titles have */
function listSessions(server: Server, limit: number, text = ""): Promise<Page> {
  const query = text === "" ? "" : `&q=${encodeURIComponent(text)}`;
  return server.json<Page>("GET", `/sessions?limit=${limit}${query}`);
}

/** The sessions that were used last, in that order; `hasMore` when there are others. @param text what their titles have */
export async function sessionsUsedLast(
  server: Server,
  most: number,
  text = "",
): Promise<{ sessions: Session[]; hasMore: boolean }> {
  const { sessions, next_cursor } = await listSessions(server, PAGE, text);
  const sorted = sessions.toSorted((a, b) => b.updated_at.localeCompare(a.updated_at));
  return { sessions: sorted.slice(0, most), hasMore: next_cursor !== null || sorted.length > most };
}

/** The session that was used last, or undefined when there is none. */
export async function lastSession(server: Server): Promise<Session | undefined> {
  return (await sessionsUsedLast(server, 1)).sessions[0];
}

/**
 * @param listed the ids of the list that was shown last, in its order
 * @throws Error in words when it is none or several; AppError of the server
 */
export async function findSession(server: Server, given: string, listed?: string[]): Promise<Session> {
  const { commands } = server.texts;
  if (/^\d{1,3}$/.test(given)) {
    const ids = listed ?? (await sessionsUsedLast(server, PAGE)).sessions.map(({ id }) => id);
    const id = ids[Number(given) - 1];
    if (id === undefined) throw new Error(commands.noSuchNumber(given));
    return get(server, id);
  }
  if (/^ses_\w{26}$/.test(given) || !/^[\w…]+$/.test(given)) return get(server, given);
  const end = given.replace(/^…/, "").toLowerCase();
  const found = end.length < LEAST ? [] : await endingWith(server, end);
  if (found.length > 1) throw new Error(commands.severalSessions(given));
  if (!found[0]) throw new Error(listed ? commands.noSuchSession(given) : commands.noSuchSessionGiven(given));
  return found[0];
}

async function get(server: Server, id: string): Promise<Session> {
  const { session } = await server.json<{ session: Session }>("GET", `/sessions/${encodeURIComponent(id)}`);
  return session;
}

/** Archived ones too, when no other has it. */
async function endingWith(server: Server, end: string): Promise<Session[]> {
  for (const archived of ["false", "true"]) {
    const found: Session[] = [];
    let cursor = "";
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const path = `/sessions?limit=${PAGE}&archived=${archived}${cursor}`;
      const { sessions, next_cursor } = await server.json<Page>("GET", path);
      found.push(...sessions.filter(({ id }) => id.endsWith(end) || id === end));
      if (!next_cursor) break;
      cursor = `&cursor=${encodeURIComponent(next_cursor)}`;
    }
    if (found.length > 0) return found;
  }
  return [];
}
