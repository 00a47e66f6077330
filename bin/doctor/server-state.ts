// Checks whether the server runs, whose port it is, and who holds the data folder. None of it needs the server to run.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { lockHolder } from "../../lib/embedded/folder-lock.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

export type ServerState =
  | { state: "ready" }
  | { state: "not_ready"; missing: string[] }
  /** Something else speaks HTTP there. */
  | { state: "other" }
  | { state: "absent" };

const ANSWER_MS = 5_000;

/** Asks the health route; needs no key. */
export async function serverState(url: string): Promise<ServerState> {
  try {
    const response = await fetch(`${url}/api/v1/health/ready`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "error",
    });
    const body = (await response.json().catch(() => undefined)) as
      | { status?: unknown; missing?: unknown }
      | undefined;
    if (body?.status === "ready") return { state: "ready" };
    if (body?.status !== "not_ready") return { state: "other" };
    return {
      state: "not_ready",
      missing: Array.isArray(body.missing) ? body.missing.map((one) => cleanText(String(one))) : [],
    };
  } catch {
    return { state: "absent" };
  }
}

export function checkServer(url: string, server: ServerState): Finding {
  const name = "server";
  switch (server.state) {
    case "ready":
      return ok(name, `running and ready at ${url}`);
    case "not_ready":
      return failure(
        name,
        `running at ${url}, not ready: ${server.missing.join(", ")}`,
        "wait a moment; if it stays, read the server's log and start it again",
      );
    case "other":
      return failure(
        name,
        `what answers at ${url} is not MacJarvis`,
        "set PORT (or MACJARVIS_URL) to where MacJarvis is or may be",
      );
    case "absent":
      if (url.endsWith(":0"))
        return ok(name, "not looked for: with PORT=0 only MACJARVIS_URL tells where it is");
      return ok(name, `not running (nothing answers at ${url}); npm start starts it`);
  }
}

/** The folder is one process's: either the server that answers, or one that we did not find. */
export function checkLock(home: string, url: string, server: ServerState): Finding[] {
  // A folder that was never used has no lock, and looking must not make one.
  if (!existsSync(join(home, "macjarvis.db"))) return [];
  const isRunning = server.state === "ready" || server.state === "not_ready";
  let holder: string | undefined;
  try {
    holder = lockHolder(home);
  } catch (thrown) {
    return [failure("lock", toError(thrown).message, "make room on its disk, or see that it can be written")];
  }
  if (holder === undefined)
    return isRunning
      ? [
          warning(
            "lock",
            `the server at ${url} uses another data folder than ${home}`,
            "set MACJARVIS_HOME as the server has it",
          ),
        ]
      : [ok("lock", `nobody uses ${home}`)];
  return isRunning
    ? [ok("lock", "held by the running server")]
    : [
        warning(
          "lock",
          `a MacJarvis uses ${home}, but none answers at ${url}`,
          "set HOST and PORT (or MACJARVIS_URL) as the server has them, or stop it",
        ),
      ];
}

/** Whether a server could listen, when none of ours does. */
export async function checkPort(
  env: Pick<Environment, "HOST" | "PORT">,
  server: ServerState,
): Promise<Finding> {
  const name = "port";
  const where = `${env.HOST}:${env.PORT}`;
  if (env.PORT === 0) return ok(name, "PORT=0: the server picks a free one");
  if (server.state === "ready" || server.state === "not_ready")
    return ok(name, `${where} is the running server's`);
  const code = await listenOnce(env.HOST, env.PORT);
  if (code === undefined) return ok(name, `${where} is free`);
  if (code === "EADDRINUSE")
    return failure(
      name,
      `${where} is in use by another program`,
      `stop that program, or choose another port: PORT=${env.PORT + 1} npm start`,
    );
  if (code === "EACCES")
    return failure(
      name,
      `${where} needs rights you do not have`,
      "choose a port above 1023: PORT=3000 npm start",
    );
  return failure(name, `nothing can listen on ${where} (${code})`, "set HOST to an address of this machine");
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host.replace(/^\[|\]$/g, ""), () => probe.close(() => resolve(undefined)));
  });
}
