// A PostgreSQL: the user `mj`, without a password, and the database `postgres`.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import type { LocalServer } from "./local-server.ts";
import { ownerBesidesRoot } from "./owner.ts";
import { DATABASE, forgetKilled, initialize, USER } from "./postgres-data.ts";
import { type Place, startProgram, type Where } from "./start-program.ts";

/**
 * @param settings as in postgresql.conf: `{ max_connections: "200" }`
 * @param fill makes its data unless they are there: new ones unless given
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  where: Where = {},
  fill = initialize,
): Promise<LocalServer> {
  const { folder: programs, version } = findServer("postgres");
  const owner = ownerBesidesRoot();
  return startProgram({
    ...where,
    name: "postgres",
    version,
    file: join(programs, "postgres"),
    args: (place) => ["-D", dataOf(place), ...parameters(place, settings)],
    url: ({ port }) => `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`,
    prepare: (place) => fill(programs, dataOf(place), owner),
    serves: async ({ port }) => (await firstAnswer(port, HELLO)).startsWith("R"),
    // Its "fast" way to stop.
    endsBy: "SIGINT",
    ...(owner ? { owner } : {}),
    cleanUp: (place) => forgetKilled(dataOf(place)),
  });
}

/** An empty database, whose texts the server would order like people do. @returns its URL */
export async function newDatabase(server: Pick<LocalServer, "url">): Promise<string> {
  const name = `d${randomBytes(6).toString("hex")}`;
  const client = new pg.Client(server.url);
  await client.connect();
  const how = "encoding 'UTF8' locale_provider icu icu_locale 'en' locale 'C' template template0";
  await client.query(`create database ${name} ${how}`).finally(() => client.end());
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

const dataOf = ({ folder }: Place) => join(folder, "data");

function parameters({ port, folder }: Place, settings: Record<string, string>): string[] {
  const all = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    // In its data, not in /dev/shm, where it would outlive a kill.
    dynamic_shared_memory_type: "mmap",
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** The protocol's first message, version 3.0; who is let in gets an "R" for an answer, also without a password. */
const HELLO = (() => {
  const body = Buffer.from(`\0\x03\0\0user\0${USER}\0database\0${DATABASE}\0\0`, "latin1");
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + length.length);
  return Buffer.concat([length, body]);
})();
