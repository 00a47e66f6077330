// A server that speaks S3, without keys to be shown and without buckets at first.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { firstAnswer } from "../../../bin/cluster/servers/first-answer.ts";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";
import { startProgram } from "../../../bin/cluster/servers/start-program.ts";

const PACKAGE = join(import.meta.dirname, "../../../node_modules/fauxqs/package.json");

export async function startS3(): Promise<LocalServer> {
  const { version } = JSON.parse(await readFile(PACKAGE, "utf8")) as { version: string };
  return startProgram({
    name: "s3",
    version: `fauxqs ${version}`,
    file: process.execPath,
    args: ({ port, folder }) => [
      join(import.meta.dirname, "run-fauxqs.ts"),
      String(port),
      join(folder, "data"),
    ],
    url: ({ port }) => `http://127.0.0.1:${port}`,
    serves: async ({ port }) => (await firstAnswer(port, "GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 "),
    endsBy: "SIGTERM",
  });
}
