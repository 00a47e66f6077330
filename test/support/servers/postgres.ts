// A PostgreSQL of its own for a test: the user `mj`, without a password, and the database `postgres`.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import { type Owner, type Place, startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

const run = promisify(execFile);
const USER = "mj";
const DATABASE = "postgres";

/** @param settings as in postgresql.conf: `{ max_connections: "200" }` */
export async function startPostgres(settings: Record<string, string> = {}): Promise<TestServer> {
  const { folder: programs, version } = findServer("postgres");
  const owner = notRoot();
  return startProgram({
    name: "postgres",
    version,
    file: join(programs, "postgres"),
    args: (place) => ["-D", dataOf(place), ...parameters(place, settings)],
    url: ({ port }) => `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`,
    prepare: async (place) => {
      const how = ["--auth=trust", "--no-locale", "-E", "UTF8", "--no-sync"];
      await run(join(programs, "initdb"), ["-D", dataOf(place), "-U", USER, ...how], owner ?? {});
    },
    serves: async ({ port }) => (await firstAnswer(port, HELLO)).startsWith("R"),
    // Its "fast" way to stop.
    endsBy: "SIGINT",
    ...(owner ? { owner } : {}),
    cleanUp: removeSharedMemory,
  });
}

let databases = 0;

/** An empty database, whose texts the server would order like people do. @returns its URL */
export async function newDatabase(server: TestServer): Promise<string> {
  databases += 1;
  const name = `d${process.pid}_${databases}`;
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

/** PostgreSQL refuses to be run by root: then it is the user's that its package has made. */
export function notRoot(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (!user)
    throw new Error(
      "PostgreSQL does not run as root, and there is no user postgres: adduser --system postgres",
    );
  return { uid: Number(user[1]), gid: Number(user[2]) };
}

/** A few bytes that outlive a kill; a start on the same data takes them over. Their id stands at the end of line 7. */
async function removeSharedMemory(place: Place): Promise<void> {
  const lines = await readFile(join(dataOf(place), "postmaster.pid"), "utf8").catch(() => "");
  const id = /(\d+)\s*$/.exec(lines.split("\n")[6] ?? "")?.[1];
  if (id) await run("ipcrm", ["-m", id]);
}
