// /new, /sessions, /open, /history: which session the conversation goes on with.
import type { Session } from "../../../contracts/sessions.ts";
import { cleanText } from "../../terminal/clean-text.ts";
import { fitLine, widthOf } from "../../terminal/fit-line.ts";
import { shortDate } from "../../terminal/format.ts";
import { openApprovals } from "../approvals.ts";
import type { CommandRoom } from "../conversation.ts";
import { findSession, sessionsUsedLast, shortId } from "../find-session.ts";
import { showHistory } from "../show-history.ts";

const MOST_LISTED = 15;
/** Messages shown when a session is opened, and at most. */
const SHOWN = 6;
const MOST_SHOWN = 200;

export async function newSession({ screen, conversation }: CommandRoom): Promise<void> {
  conversation.sessionId = undefined;
  screen.tell(screen.texts.commands.newSession);
}

export async function listOfSessions(
  { server, screen, conversation }: CommandRoom,
  text: string,
): Promise<void> {
  const { commands } = screen.texts;
  const [{ sessions, hasMore }, open] = await Promise.all([
    sessionsUsedLast(server, MOST_LISTED, text),
    openApprovals(server),
  ]);
  if (sessions.length === 0) return screen.tell(text === "" ? commands.noSessions : commands.noMatch(text));
  conversation.listed = sessions.map(({ id }) => id);
  const { dim, green, yellow } = screen.colours;
  const waiting = new Set(open?.map(({ session_id }) => session_id));
  const marks = sessions.map(({ id, active_run_id }) =>
    waiting.has(id) ? yellow("?") : active_run_id ? green("▸") : " ",
  );
  for (const [index, { id, title, updated_at }] of sessions.entries()) {
    const number = String(index + 1).padStart(String(sessions.length).length);
    const isOpen = id === conversation.sessionId;
    const [when, end] = [shortDate(updated_at), shortId(id)];
    const room = screen.columns - number.length - widthOf(when) - end.length - 9;
    const name = fitLine(cleanText(title), Math.max(8, room));
    const pad = " ".repeat(Math.max(0, room - widthOf(name)));
    screen.note(
      `${marks[index]} ${isOpen ? green(number) : number} ${dim(when)}  ${isOpen ? green(name) : name}${pad}  ${dim(end)}`,
    );
  }
  if (sessions.some(({ id }) => waiting.has(id))) screen.note(`  ${yellow("?")} ${dim(commands.waitsMark)}`);
  if (sessions.some(({ id, active_run_id }) => active_run_id && !waiting.has(id)))
    screen.note(`  ${green("▸")} ${dim(commands.runsMark)}`);
  screen.tell(`${commands.openHint}${hasMore ? `; ${commands.moreSessions}` : ""}`, (line) =>
    dim(`  ${line}`),
  );
}

/** @throws Error in words when there is no such session */
export async function openSession(room: CommandRoom, given: string): Promise<void> {
  const { screen, server, conversation } = room;
  if (given === "") return screen.tell(screen.texts.commands.whichOne);
  const session = await findSession(server, given, conversation.listed ?? (await listedIds(server)));
  await show(room, session);
}

/** The numbers that `/sessions` would show. */
async function listedIds(server: CommandRoom["server"]): Promise<string[]> {
  return (await sessionsUsedLast(server, MOST_LISTED)).sessions.map(({ id }) => id);
}

/** @param id a whole id. @throws AppError of the server */
export async function showSession(room: CommandRoom, id: string): Promise<void> {
  await show(room, await findSession(room.server, id));
}

async function show({ server, screen, conversation }: CommandRoom, session: Session): Promise<void> {
  const { chat, commands } = screen.texts;
  conversation.sessionId = session.id;
  screen.tell(chat.continuing(cleanText(session.title)));
  await showHistory(server, screen, session.id, SHOWN);
  if (!session.active_run_id) return;
  const open = await openApprovals(server);
  const waits = open?.some(({ session_id }) => session_id === session.id);
  screen.tell(waits ? commands.runWaits : commands.runUnderWay, screen.colours.yellow);
}

export async function history({ server, screen, conversation }: CommandRoom, given: string): Promise<void> {
  const { commands } = screen.texts;
  if (conversation.sessionId === undefined) return screen.tell(commands.noOpenSession);
  const wanted = given === "" ? 20 : Number(given);
  if (!Number.isInteger(wanted) || wanted < 1) return screen.tell(commands.badCount);
  await showHistory(server, screen, conversation.sessionId, Math.min(wanted, MOST_SHOWN));
}
