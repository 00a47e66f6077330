// All checks of `npm run doctor` in order: first what everything else stands on.
import { existsSync } from "node:fs";
import { edgeKeysFolderOf } from "../../lib/env/edge.ts";
import { type Environment, isLoopback, readEnvironment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { type ServerAccess, serverAccess } from "../terminal/server-access.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { checkDataFolder } from "./data-folder.ts";
import { checkDatabase } from "./database.ts";
import { type Finding, failure, ok } from "./finding.ts";
import { checkModelNames, checkModelServers, checkModelSettings, checkServedModels } from "./models.ts";
import { checkPlugins } from "./plugins.ts";
import { checkRights, checkSandbox, checkUser } from "./sandbox.ts";
import { checkLock, checkPort, checkServer, serverState } from "./server-state.ts";

const LEAST_NODE = 24;

/** Everything that was found; never throws for what a check finds. */
export async function examine(
  source: Record<string, string | undefined>,
  texts: Texts = textsFor("en"),
): Promise<Finding[]> {
  const version = checkVersion(process.versions.node, texts);
  let env: Environment;
  try {
    env = readEnvironment(source);
  } catch (thrown) {
    return [
      version,
      failure("environment", texts.said(toError(thrown).message), texts.doctor.environmentFix),
    ];
  }
  const folder = [
    ...(await checkDataFolder(env.MACJARVIS_HOME, texts)),
    ...checkDatabase(env.MACJARVIS_HOME, texts),
  ];
  const access = serverAccess(env, texts);
  const isDamaged = folder.some(({ check, state }) => check === "database" && state === "failure");
  const running = await checkRunning(env, access, texts);
  return [
    version,
    ok("environment", texts.doctor.environmentRead),
    // In a cluster the owner's key lies where the users service runs.
    ...folder.filter(({ id }) => env.cluster === undefined || id !== "keys.missing"),
    // A server elsewhere has its own plugins.
    ...(env.MACJARVIS_URL === undefined ? await checkPlugins(env.MACJARVIS_HOME, texts) : []),
    // What keeps the folder from being locked is then what was found in it.
    ...(isDamaged ? running.filter(({ id }) => id !== "lock.broken") : running),
    ...(await checkCluster(env, texts)),
    ...(env.MACJARVIS_URL === undefined ? await checkEdge(env, texts) : []),
  ];
}

/** Its code is loaded where there is one. */
async function checkEdge(env: Environment, texts: Texts): Promise<Finding[]> {
  if (!existsSync(edgeKeysFolderOf(env))) return [];
  return (await import("./edge.ts")).checkEdge(env, texts);
}

/** Its code, and the drivers of its servers, are loaded for one only. */
async function checkCluster(env: Environment, texts: Texts): Promise<Finding[]> {
  if (!env.cluster) return [];
  const { examineCluster } = await import("./cluster/examine-cluster.ts");
  return examineCluster(env, texts);
}

async function checkRunning(env: Environment, access: ServerAccess, texts: Texts): Promise<Finding[]> {
  const server = await serverState(access.url);
  const isRunning = server.state === "ready" || server.state === "not_ready";
  // A server elsewhere has its own port, folder and rights.
  const isLocal = env.MACJARVIS_URL === undefined;
  return [
    checkServer(access.url, server, texts),
    ...(isLoopback(new URL(access.url).hostname)
      ? checkLock(env.MACJARVIS_HOME, access.url, server, texts)
      : []),
    ...(isLocal ? [await checkPort(env, server, texts)] : []),
    ...(isRunning ? await checkServedModels(access, texts) : [checkModelSettings(env, texts)]),
    ...(isLocal ? [...checkModelNames(env, texts), ...(await checkModelServers(env, texts))] : []),
    await checkSandbox(env.SANDBOX, texts),
    ...checkRights(env, texts),
    ...checkUser(process.getuid?.(), texts),
  ];
}

export function checkVersion(version: string, { doctor }: Texts = textsFor("en")): Finding {
  const major = Number(version.split(".")[0]);
  if (major < LEAST_NODE)
    return failure("versions", doctor.oldNode(version), doctor.oldNodeFix(LEAST_NODE), "old_node");
  return ok("versions", doctor.node(version, process.platform, process.arch));
}
