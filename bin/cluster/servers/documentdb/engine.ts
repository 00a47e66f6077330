// The PostgreSQL with DocumentDB behind the gateway: reached by a socket file beside its data, so that it needs no port.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startGuard } from "../guard.ts";
import type { Owner } from "../owner.ts";
import { DATABASE, forgetKilled, USER } from "../postgres-data.ts";
import { untilTrue } from "../until-true.ts";

/** `folder`: has its data in `data`. `programs`: has postgres in it. */
export type EnginePlace = { folder: string; programs: string; owner?: Owner };
export type Engine = { pool: pg.Pool; process: ChildProcess; stop(): Promise<void> };

/** Names the socket file; nobody else is in that folder. */
const PORT = 5432;
const MOST_CONNECTIONS = 200;

/** Resolves when it serves. It inherits where its words go to. @throws when it ends before that */
export async function startEngine(place: EnginePlace): Promise<Engine> {
  const data = join(place.folder, "data");
  await forgetKilled(data);
  await rm(join(place.folder, `.s.PGSQL.${PORT}.lock`), { force: true });
  const child = spawn(join(place.programs, "postgres"), ["-D", data, ...settings(place)], {
    stdio: ["ignore", "inherit", "inherit"],
    ...place.owner,
  });
  const ended = once(child, "exit");
  // It must not outlive us either.
  const guard = startGuard("", "SIGINT");
  guard.watch(child.pid);
  child.once("exit", () => guard.watch(undefined));
  const pool = new pg.Pool({
    host: place.folder,
    port: PORT,
    user: USER,
    database: DATABASE,
    // Some are left to the workers of DocumentDB.
    max: MOST_CONNECTIONS - 40,
    connectionTimeoutMillis: 10_000,
  });
  // Of connections that break while nobody asks over them, in a transaction or not; whoever asks next hears of it.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  await untilTrue("PostgreSQL serves", async () => {
    if (child.exitCode !== null) throw new Error("PostgreSQL did not start");
    return pool.query("SELECT 1").then(
      () => true,
      () => false,
    );
  });
  await pool.query("CREATE EXTENSION IF NOT EXISTS documentdb CASCADE");
  return {
    pool,
    process: child,
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

function settings({ folder }: EnginePlace): string[] {
  const all = {
    port: PORT,
    listen_addresses: "",
    unix_socket_directories: folder,
    max_connections: MOST_CONNECTIONS,
    dynamic_shared_memory_type: "mmap",
    // A kill loses nothing that the system has; only a machine that dies would.
    fsync: "off",
    shared_preload_libraries: "pg_cron,pg_documentdb_core,pg_documentdb",
    "cron.database_name": DATABASE,
    "documentdb.localhost_connection_string": `host=${folder} port=${PORT}`,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
