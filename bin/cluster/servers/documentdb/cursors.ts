// Answers that come in pages. Most go on from a note about where they stopped; a sorted one lives in its connection to PostgreSQL, which
// is kept for it until the last page was read.
import type { BSON } from "mongodb";
import type pg from "pg";
import { CommandFailure, CURSOR_NOT_FOUND } from "./failure.ts";
import type { Request } from "./request.ts";
import type { Sessions } from "./sessions.ts";

type Cursor = { database: string; continuation: Buffer; client?: pg.PoolClient; limit: NodeJS.Timeout };
type Page = { page: Buffer; continuation: Buffer | null; persist?: boolean; id?: string };

/** Whoever does not ask for so long has gone. */
const IDLE_LIMIT_MS = 60_000;

export class Cursors {
  readonly #sessions: Sessions;
  readonly #open = new Map<string, Cursor>();

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** @param query DocumentDB's function without its `_cursor_first_page` */
  firstPage(request: Request, query: string): Promise<Buffer> {
    return this.#sessions.run(request, async (client, keep) => {
      const { page, continuation, persist, id } = await onePage(client, {
        name: query,
        text:
          "SELECT cursorpage::bytea AS page, continuation::bytea AS continuation, persistconnection AS persist, cursorid AS id " +
          `FROM documentdb_api.${query}_cursor_first_page($1, $2)`,
        values: [request.database, request.spec],
      });
      if (continuation && id !== undefined) {
        if (persist) keep();
        this.#remember(id, { database: request.database, continuation, ...(persist ? { client } : {}) });
      }
      return page;
    });
  }

  async nextPage(request: Request): Promise<Buffer> {
    const id = String(request.value("getMore"));
    const cursor = this.#forget(id);
    if (!cursor) throw new CommandFailure(CURSOR_NOT_FOUND, `cursor ${id} is not open`);
    const query = {
      name: "get_more",
      text:
        "SELECT cursorpage::bytea AS page, continuation::bytea AS continuation " +
        "FROM documentdb_api.cursor_get_more($1, $2, $3)",
      values: [cursor.database, request.spec, cursor.continuation],
    };
    try {
      const { page, continuation } = cursor.client
        ? await onePage(cursor.client, query)
        : await this.#sessions.run(request, (client) => onePage(client, query));
      if (continuation) this.#remember(id, { ...cursor, continuation });
      else cursor.client?.release();
      return page;
    } catch (error) {
      cursor.client?.release(true);
      throw error;
    }
  }

  /** @returns MongoDB's answer to `killCursors` */
  kill(request: Request): BSON.Document {
    const all = (request.value("cursors") as BSON.Long[]) ?? [];
    const killed = all.filter((id) => this.#close(String(id)));
    const cursorsNotFound = all.filter((id) => !killed.includes(id));
    return { cursorsKilled: killed, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  }

  #remember(id: string, cursor: Omit<Cursor, "limit">): void {
    const limit = setTimeout(() => this.#close(id), IDLE_LIMIT_MS).unref();
    this.#open.set(id, { ...cursor, limit });
  }

  #forget(id: string): Cursor | undefined {
    const cursor = this.#open.get(id);
    this.#open.delete(id);
    clearTimeout(cursor?.limit);
    return cursor;
  }

  /** A connection ends with the unread answer that it holds. */
  #close(id: string): boolean {
    const cursor = this.#forget(id);
    cursor?.client?.release(true);
    return cursor !== undefined;
  }
}

async function onePage(client: pg.PoolClient, query: pg.QueryConfig): Promise<Page> {
  const { rows } = await client.query<Page>(query);
  if (!rows[0]) throw new Error(`${query.name} has answered nothing`);
  return rows[0];
}
