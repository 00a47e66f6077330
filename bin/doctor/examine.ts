// All checks of `npm run doctor` in order: first what everything else stands on.
import { type Environment, isLoopback, readEnvironment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { type ServerAccess, serverAccess } from "../terminal/server-access.ts";
import { checkDataFolder } from "./data-folder.ts";
import { checkDatabase } from "./database.ts";
import { type Finding, failure, ok } from "./finding.ts";
import { checkModelNames, checkModelServers, checkModelSettings, checkServedModels } from "./models.ts";
import { checkRights, checkSandbox, checkUser } from "./sandbox.ts";
import { checkLock, checkPort, checkServer, serverState } from "./server-state.ts";

const LEAST_NODE = 24;

/** Everything that was found; never throws for what a check finds. */
export async function examine(source: Record<string, string | undefined>): Promise<Finding[]> {
  const version = checkVersion(process.versions.node);
  let env: Environment;
  try {
    env = readEnvironment(source);
  } catch (thrown) {
    return [version, failure("environment", toError(thrown).message, "docs/config.md has every variable")];
  }
  const folder = [...(await checkDataFolder(env.MACJARVIS_HOME)), ...checkDatabase(env.MACJARVIS_HOME)];
  const access = serverAccess(env);
  return [
    version,
    ok("environment", "every variable can be read"),
    ...folder,
    ...(await checkRunning(env, access)),
  ];
}

async function checkRunning(env: Environment, access: ServerAccess): Promise<Finding[]> {
  const server = await serverState(access.url);
  const isRunning = server.state === "ready" || server.state === "not_ready";
  // A server elsewhere has its own port, folder and rights.
  const isLocal = env.MACJARVIS_URL === undefined;
  return [
    checkServer(access.url, server),
    ...(isLoopback(new URL(access.url).hostname) ? checkLock(env.MACJARVIS_HOME, access.url, server) : []),
    ...(isLocal ? [await checkPort(env, server)] : []),
    ...(isRunning ? await checkServedModels(access) : [checkModelSettings(env)]),
    ...(isLocal ? [...checkModelNames(env), ...(await checkModelServers(env))] : []),
    await checkSandbox(env.SANDBOX),
    ...checkRights(env),
    ...checkUser(process.getuid?.()),
  ];
}

export function checkVersion(version: string): Finding {
  const major = Number(version.split(".")[0]);
  if (major < LEAST_NODE)
    return failure(
      "versions",
      `Node ${version}`,
      `npm ci installs Node ${LEAST_NODE} for this project; run commands through npm`,
    );
  return ok("versions", `Node ${version} on ${process.platform} ${process.arch}`);
}
