// A Redis, and what watches one.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import type { LocalServer } from "./local-server.ts";
import { type Place, startProgram, type Where } from "./start-program.ts";

/**
 * A Sentinel that watches this Redis as `mymaster`; it is the same program. What fails over does so by `redis-cli`'s words, or when the
 * master does not answer for half a second.
 */
export async function startSentinel(master: LocalServer): Promise<LocalServer> {
  const { folder, version } = findServer("redis");
  const configuration = ({ folder: data }: Place) => join(data, "sentinel.conf");
  const lines = [
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
    "sentinel down-after-milliseconds mymaster 500",
    "sentinel failover-timeout mymaster 2000",
  ];
  return startProgram({
    name: "redis-sentinel",
    version,
    file: join(folder, "redis-server"),
    args: (place) => [configuration(place), "--sentinel"],
    url: ({ port }) => `redis+sentinel://127.0.0.1:${port}/mymaster`,
    prepare: (place) =>
      writeFile(
        configuration(place),
        [`port ${place.port}`, "bind 127.0.0.1", `dir ${place.folder}`, ...lines, ""].join("\n"),
      ),
    serves: async ({ port }) => (await firstAnswer(port, "PING\r\n")).startsWith("+PONG"),
    endsBy: "SIGTERM",
  });
}

/** @param args more of its command line: `["--maxmemory", "2mb"]` */
export async function startRedis(args: string[] = [], where: Where = {}): Promise<LocalServer> {
  const { folder, version } = findServer("redis");
  return startProgram({
    ...where,
    name: "redis",
    version,
    file: join(folder, "redis-server"),
    args: (place) => [...settings(place), ...args],
    url: ({ port }) => `redis://127.0.0.1:${port}`,
    // One that wants a password says so.
    serves: async ({ port }) => /^(\+PONG|-NOAUTH)/.test(await firstAnswer(port, "PING\r\n")),
    endsBy: "SIGTERM",
  });
}

/** What was written is in the system's hands before it is answered, so that it outlives `kill -9`, and nothing waits for a disk. */
function settings({ port, folder }: Place): string[] {
  const log = ["--save", "", "--appendonly", "yes", "--appendfsync", "no"];
  return ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...log];
}
