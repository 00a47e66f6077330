// The sessions of a user, without what was said in them.
import type { UserId } from "../../../contracts/ids.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { fitLine } from "../../terminal/fit-line.ts";
import { count, shortDate } from "../../terminal/format.ts";
import { accountOf } from "../accounts.ts";
import type { Command, Room } from "../room.ts";
import { table } from "../show.ts";

const PAGE = 100;
const TITLE_COLUMNS = 24;

const list: Command = {
  name: "sessions list",
  takes: ["user"],
  options: { archived: "flag" },
  async run(room, { words: [user = ""], options: { archived }, texts }) {
    const { id } = await accountOf(room, user, texts);
    const sessions = await sessionsOf(room, id as UserId, archived === true);
    const { repl } = texts;
    const rows = sessions.map((session) => [
      session.id,
      fitLine(session.title, TITLE_COLUMNS),
      count(session.message_count),
      session.active_run_id === null ? repl.idle : repl.busy,
      shortDate(session.updated_at),
    ]);
    const { session, title, messages, state, changed } = repl.columns;
    return {
      json: { sessions },
      show: table([session, title, messages, state, changed], rows, repl.noSessions),
    };
  },
};

async function sessionsOf({ ask }: Room, user_id: UserId, archived: boolean): Promise<Session[]> {
  const found: Session[] = [];
  const wanted = { user_id, limit: PAGE, ...(archived ? { archived: "true" } : {}) };
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask("sessions.adminList", { ...wanted, ...(cursor ? { cursor } : {}) });
    found.push(...page.sessions);
    cursor = page.next_cursor;
  }
  return found;
}

export const SESSION_COMMANDS = [list];
