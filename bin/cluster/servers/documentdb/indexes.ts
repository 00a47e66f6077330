// createIndexes: the collection, then its indexes, one such command after the other, because two at once lock each other out.
import { BSON } from "mongodb";
import { CommandFailure, codeOf, sqlStateOf } from "./failure.ts";
import type { Request } from "./request.ts";
import type { Sessions } from "./sessions.ts";

type Made = { ok: number; code?: number; errmsg?: string };

let before: Promise<unknown> = Promise.resolve();

export function createIndexes(sessions: Sessions, request: Request): Promise<BSON.Document> {
  const mine = before.then(() => create(sessions, request));
  before = mine.catch(() => undefined);
  return mine;
}

/** DocumentDB answers a part for each of its machines; here there is one. */
async function create(sessions: Sessions, request: Request): Promise<BSON.Document> {
  const answer = await sessions.run(request, async (client) => {
    const collection = [request.database, request.value("createIndexes")];
    await client.query("SELECT documentdb_api.create_collection($1, $2)", collection);
    const { rows } = await client.query<{ made: Buffer }>(
      "SELECT documentdb_api_internal.create_indexes_non_concurrently($1, $2, true)::bytea AS made",
      [request.database, request.spec],
    );
    return BSON.deserialize(rows[0]?.made ?? Buffer.alloc(0));
  });
  const made = Object.values(answer.raw ?? {})[0] as Made | undefined;
  if (!made) return answer;
  if (made.code !== undefined) throw new CommandFailure(codeOf(sqlStateOf(made.code)), made.errmsg ?? "");
  return made;
}
