// Checks whether the server runs, whose port it is, and who holds the data folder. None of it needs the server to run.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { lockHolder } from "../../lib/embedded/folder-lock.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
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

export function checkServer(url: string, server: ServerState, { doctor }: Texts = textsFor("en")): Finding {
  const name = "server";
  switch (server.state) {
    case "ready":
      return ok(name, doctor.running(url), "ready");
    case "not_ready":
      return failure(name, doctor.notReady(url, server.missing.join(", ")), doctor.notReadyFix, "not_ready");
    case "other":
      return failure(name, doctor.otherServer(url), doctor.otherServerFix, "other");
    case "absent":
      return ok(name, url.endsWith(":0") ? doctor.portZero : doctor.notRunning(url), "absent");
  }
}

/** The folder is one process's: either the server that answers, or one that we did not find. */
export function checkLock(
  home: string,
  url: string,
  server: ServerState,
  { doctor, said }: Texts = textsFor("en"),
): Finding[] {
  // A folder that was never used has no lock, and looking must not make one.
  if (!existsSync(join(home, "macjarvis.db"))) return [];
  const isRunning = server.state === "ready" || server.state === "not_ready";
  let holder: string | undefined;
  try {
    holder = lockHolder(home);
  } catch (thrown) {
    return [failure("lock", said(toError(thrown).message), doctor.lockBroken, "broken")];
  }
  if (holder === undefined)
    return isRunning
      ? [warning("lock", doctor.otherFolder(url, home), doctor.otherFolderFix, "other_folder")]
      : [ok("lock", doctor.nobodyUses(home), "free")];
  return isRunning
    ? [ok("lock", doctor.heldByServer, "held")]
    : [warning("lock", doctor.heldByUnknown(home, url), doctor.heldByUnknownFix, "held_by_unknown")];
}

/** Whether a server could listen, when none of ours does. */
export async function checkPort(
  env: Pick<Environment, "HOST" | "PORT">,
  server: ServerState,
  { doctor }: Texts = textsFor("en"),
): Promise<Finding> {
  const name = "port";
  const where = `${env.HOST}:${env.PORT}`;
  if (env.PORT === 0) return ok(name, doctor.anyPort);
  if (server.state === "ready" || server.state === "not_ready") return ok(name, doctor.ownPort(where));
  const code = await listenOnce(env.HOST, env.PORT);
  switch (code) {
    case undefined:
      return ok(name, doctor.freePort(where));
    case "EADDRINUSE":
      return failure(name, doctor.usedPort(where), doctor.usedPortFix(env.PORT + 1), "in_use");
    case "EACCES":
      return failure(name, doctor.forbiddenPort(where), doctor.forbiddenPortFix, "forbidden");
    case "EADDRNOTAVAIL":
      return failure(name, doctor.foreignHost(env.HOST), doctor.hostFix, "foreign_host");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(name, doctor.unknownHost(env.HOST), doctor.hostFix, "unknown_host");
    default:
      return failure(name, doctor.cannotListen(where), doctor.hostFix, "cannot_listen");
  }
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host.replace(/^\[|\]$/g, ""), () => probe.close(() => resolve(undefined)));
  });
}
