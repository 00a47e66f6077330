// Starts the servers and the processes, shows what runs where, and stops all of it in order: doors and agents first, servers last.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prepareDataFolder } from "../../lib/embedded/data-folder.ts";
import { FolderInUse, lockDataFolder } from "../../lib/embedded/folder-lock.ts";
import { ensureFolder } from "../../lib/ensure-folder.ts";
import { readEnvironment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { writeSecretFile } from "../../lib/secret-file.ts";
import { loadSigningSecrets } from "../../lib/signing-secrets.ts";
import type { Texts } from "../terminal/texts.ts";
import type { ClusterArguments } from "./arguments.ts";
import { environmentFile } from "./environment-file.ts";
import { KeptProcess } from "./keep-running.ts";
import { membersOf, type Shared } from "./members.ts";
import { overview } from "./overview.ts";
import { type KeptServer, startServers } from "./start-servers.ts";

type Options = Omit<ClusterArguments, "help"> & {
  env: NodeJS.ProcessEnv;
  texts: Texts;
  /** Aborted when it should stop. */
  stopped: AbortSignal;
};

/** How long the overview waits for gateways that are not ready. */
const READY_WITHIN_MS = 30_000;
const LOOK_MS = 100;

/** Resolves when everything has stopped. @throws Error in words, once nothing runs any more */
export async function startCluster(options: Options): Promise<void> {
  const { data, env, texts, stopped } = options;
  const opened = new AsyncDisposableStack();
  try {
    prepareDataFolder(data, texts.cluster.folderOfItsOwn);
    opened.defer(lockCluster(data, texts));
    say(texts.cluster.startingServers);
    const servers = await startServers({ env, folder: makeServersFolder(data), onChange: teller(texts) });
    opened.defer(async () => void (await Promise.all(servers.map(({ server }) => server?.stop()))));
    if (stopped.aborted) return;
    say(texts.cluster.startingProcesses);
    const processes = makeProcesses(options, sharedBy(servers, data, env));
    opened.defer(() => stopInOrder(processes));
    await Promise.race([allStarted(processes, texts), abortOf(stopped)]);
    await Promise.race([allReady(processes), abortOf(stopped)]);
    if (stopped.aborted) return;
    const file = join(data, "env");
    writeSecretFile(file, environmentFile(processes, data));
    say(overview({ processes, servers, file, logs: logsOf(data) }, texts));
    await abortOf(stopped);
  } finally {
    await opened.disposeAsync();
  }
}

/** The data folder itself is the node's, which locks it. @returns what lets go */
function lockCluster(data: string, { cluster }: Texts): () => void {
  const folder = join(data, "cluster");
  ensureFolder(folder);
  try {
    return lockDataFolder(folder).release;
  } catch (thrown) {
    throw thrown instanceof FolderInUse ? new Error(cluster.inUse(data)) : thrown;
  }
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

function teller({ cluster }: Texts) {
  return (name: string, what: "ended" | "again", said: string) =>
    say(what === "ended" ? cluster.ended(name, said) : cluster.again(name, said));
}

/** Root's PostgreSQL is another user's, who cannot go through our folder, but has to go through this one. */
function makeServersFolder(data: string): string {
  const folder = process.getuid?.() === 0 ? `${data}-servers` : join(data, "servers");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

const logsOf = (data: string) => join(data, "logs");

function sharedBy(servers: KeptServer[], data: string, env: NodeJS.ProcessEnv): Shared {
  const urls = Object.fromEntries(servers.map(({ variable, url }) => [variable, url]));
  const secret = env.JWT_SECRET ?? loadSigningSecrets(data)[0];
  return { ...urls, ...(env.S3_URL ? { S3_URL: env.S3_URL } : {}), JWT_SECRET: secret } as Shared;
}

function makeProcesses(options: Options, shared: Shared): KeptProcess[] {
  const { data, env, texts } = options;
  const logs = logsOf(data);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  // What the user has set wrongly is said here once, and not by each of them.
  const { PORT: port, METRICS_PORT: metricsPort } = readEnvironment({ ...env, ...shared });
  return membersOf({ ...options, shared, port, metricsPort }).map(
    (member) =>
      new KeptProcess(member, {
        env,
        logFile: join(logs, `${member.name}.log`),
        onChange: (what, said) => teller(texts)(member.name, what, said),
      }),
  );
}

async function allStarted(processes: KeptProcess[], { cluster }: Texts): Promise<void> {
  const start = (process: KeptProcess) =>
    process.start().catch((thrown: unknown) => {
      throw new Error(cluster.didNotStart(process.member.name, toError(thrown).message));
    });
  await Promise.all(processes.map(start));
}

/** The processes have met: a chat is answered. One that never is says why itself. */
async function allReady(processes: KeptProcess[]): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (const { url } of processes)
    while (url !== "" && performance.now() < until) {
      const answer = await fetch(`${url}/api/v1/health/ready`).catch(() => undefined);
      if (answer?.ok) break;
      await sleep(LOOK_MS);
    }
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Whoever finishes a run still finds the services it needs. */
async function stopInOrder(processes: KeptProcess[]): Promise<void> {
  const isInner = ({ member }: KeptProcess) => member.name === "core" || member.name === "node";
  await Promise.all(processes.filter((process) => !isInner(process)).map((process) => process.stop()));
  await Promise.all(processes.filter(isInner).map((process) => process.stop()));
}
