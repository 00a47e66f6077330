// A Redis of its own for a test.
import { join } from "node:path";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import { type Place, startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

/** @param args more of its command line: `["--maxmemory", "2mb"]` */
export async function startRedis(args: string[] = []): Promise<TestServer> {
  const { folder, version } = findServer("redis");
  return startProgram({
    name: "redis",
    version,
    file: join(folder, "redis-server"),
    args: (place) => [...settings(place), ...args],
    url: ({ port }) => `redis://127.0.0.1:${port}`,
    serves: async ({ port }) => (await firstAnswer(port, "PING\r\n")).startsWith("+PONG"),
    endsBy: "SIGTERM",
  });
}

/** What was written is in the system's hands before it is answered, so that it outlives `kill -9`, and nothing waits for a disk. */
function settings({ port, folder }: Place): string[] {
  const log = ["--save", "", "--appendonly", "yes", "--appendfsync", "no"];
  return ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...log];
}
