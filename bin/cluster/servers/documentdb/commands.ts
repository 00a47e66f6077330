// MongoDB's commands, each as the function of DocumentDB that answers it. What is not here is answered as a server does that does
// not know it.
import { BSON } from "mongodb";
import type pg from "pg";
import { Cursors } from "./cursors.ts";
import { CommandFailure, codeOf, NAMESPACE_NOT_FOUND, sqlStateOf } from "./failure.ts";
import { greeting, VERSION } from "./greeting.ts";
import { createIndexes } from "./indexes.ts";
import type { Request } from "./request.ts";
import { Sessions } from "./sessions.ts";

/** Answers with a document, or with the bytes of one. @throws what failure.ts knows */
type Command = (request: Request) => Promise<BSON.Document | Buffer>;
type WriteError = { code: number };

/** @param address of the gateway, as its clients know it */
export function commandsOn(pool: pg.Pool, address: string): Map<string, Command> {
  const sessions = new Sessions(pool);
  const cursors = new Cursors(sessions);
  const hello: Command = async () => greeting(address);
  const done: Command = async () => ({ ok: 1 });

  /** The only column of the only row. */
  const ask = (request: Request, name: string, sql: string, values: unknown[]) =>
    sessions.run(request, async (client) => {
      const { rows } = await client.query<[Buffer | boolean]>({ name, text: sql, values, rowMode: "array" });
      return rows[0]?.[0];
    });
  const answer = async (request: Request, sql: string, values: unknown[]) =>
    (await ask(request, request.name, sql, values)) as Buffer;
  const bySpec =
    (sql: string): Command =>
    (request) =>
      answer(request, sql, [request.database, request.spec]);

  const write: Command = async (request) => {
    const sql = `SELECT p_result::bytea FROM documentdb_api.${request.name}($1, $2, NULL, $3)`;
    const result = await answer(request, sql, [request.database, request.spec, repeatableAs(request)]);
    const document = BSON.deserialize(result, { promoteValues: false, promoteLongs: false });
    const errors = document.writeErrors as WriteError[] | undefined;
    if (!errors) return result;
    if (request.transaction !== "none") await sessions.abort(request.session);
    const writeErrors = errors.map((error) => ({
      ...error,
      code: codeOf(sqlStateOf(Number(error.code)))[0],
    }));
    return { ...document, writeErrors };
  };

  return new Map<string, Command>([
    ["hello", hello],
    ["isMaster", hello],
    ["ismaster", hello],
    ["ping", done],
    [
      "buildInfo",
      async () => ({ version: VERSION, versionArray: [...VERSION.split(".").map(Number), 0], ok: 1 }),
    ],
    ["insert", write],
    ["update", write],
    ["delete", write],
    [
      "findAndModify",
      (request) =>
        answer(request, "SELECT p_result::bytea FROM documentdb_api.find_and_modify($1, $2, $3)", [
          request.database,
          request.spec,
          repeatableAs(request),
        ]),
    ],
    ["find", (request) => cursors.firstPage(request, "find")],
    ["aggregate", (request) => cursors.firstPage(request, "aggregate")],
    ["listCollections", (request) => cursors.firstPage(request, "list_collections")],
    ["listIndexes", (request) => cursors.firstPage(request, "list_indexes")],
    ["getMore", (request) => cursors.nextPage(request)],
    ["killCursors", async (request) => cursors.kill(request)],
    ["count", bySpec("SELECT document::bytea FROM documentdb_api.count_query($1, $2)")],
    ["distinct", bySpec("SELECT document::bytea FROM documentdb_api.distinct_query($1, $2)")],
    ["create", bySpec("SELECT documentdb_api.create_collection_view($1, $2)::bytea")],
    ["createIndexes", (request) => createIndexes(sessions, request)],
    ["dropIndexes", bySpec("SELECT documentdb_api_internal.drop_indexes_non_concurrently($1, $2)::bytea")],
    [
      "drop",
      async (request) => {
        const names = [request.database, request.value("drop")];
        if (await ask(request, "drop", "SELECT documentdb_api.drop_collection($1, $2)", names))
          return { ok: 1 };
        throw new CommandFailure(NAMESPACE_NOT_FOUND, "ns not found");
      },
    ],
    [
      "dropDatabase",
      async (request) => {
        await ask(request, "dropDatabase", "SELECT documentdb_api.drop_database($1)", [request.database]);
        return { dropped: request.database, ok: 1 };
      },
    ],
    [
      "listDatabases",
      (request) => answer(request, "SELECT documentdb_api.list_databases($1)::bytea", [request.spec]),
    ],
    [
      "commitTransaction",
      async (request) => {
        await sessions.commit(request);
        return { ok: 1 };
      },
    ],
    [
      "abortTransaction",
      async (request) => {
        await sessions.abort(request.session);
        return { ok: 1 };
      },
    ],
    [
      "endSessions",
      async (request) => {
        const ended = request.value("endSessions") as { id: BSON.Binary }[];
        await Promise.all(ended.map(({ id }) => sessions.abort(id.toString("hex"))));
        return { ok: 1 };
      },
    ],
  ]);
}

/** By this DocumentDB recognizes a write that the driver repeats because it has heard no answer. */
function repeatableAs({ transaction, session, number }: Request): string | null {
  return transaction === "none" && number !== undefined ? `${session}-${number}` : null;
}
