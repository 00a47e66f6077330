// `npm start -- --with-nats`: makes the keys and the configuration of the edge where there are none, and runs nats-server beside this
// process: started again when it dies, ended with it, its warnings and errors in the log.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeKeys } from "../../lib/edge/keys/make-keys.ts";
import {
  configurationPath,
  readConfiguration,
  type ServerSettings,
  shownAddress,
  writeConfiguration,
} from "../../lib/edge/server-configuration.ts";
import { isMeantVersion, MEANT_VERSIONS } from "../../lib/edge/server-version.ts";
import { edgeKeysFolderOf } from "../../lib/env/edge.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { findInstalled } from "../cluster/servers/find-server.ts";
import { firstAnswer } from "../cluster/servers/first-answer.ts";
import { freePort } from "../cluster/servers/free-port.ts";
import type { LocalServer } from "../cluster/servers/local-server.ts";
import { isPortTaken, startProgram } from "../cluster/servers/start-program.ts";
import type { Texts } from "../terminal/texts.ts";
import { logLines } from "./log-lines.ts";
import { edgeUrlOf, refusePlain, type ServerOptions, settingsIn } from "./server-options.ts";

type Options = {
  env: Environment;
  wanted: ServerOptions;
  log: Log;
  texts: Texts;
};

export type RunningNats = {
  /** As if they had been set. */
  variables: { EDGE_URL: string; EDGE_KEYS: string };
  stop(): Promise<void>;
};

/** The nats-server of a server that was killed ends within this time. */
const PREDECESSOR_MS = 8_000;
const LOOK_MS = 250;
const ANSWER_MS = 2_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/** @throws Error in words; then nothing runs */
export async function runNats({ env, wanted, log, texts }: Options): Promise<RunningNats> {
  const { edge } = texts;
  const found = findInstalled("nats");
  if (!found) throw new Error(edge.noNatsServer);
  const folder = edgeKeysFolderOf(env);
  const given = settingsIn(wanted, "--nats-", texts);
  const before = readConfiguration(folder);
  const settings = { host: "127.0.0.1", port: before?.port ?? (await freePort()), ...before, ...given };
  refusePlain(settings, "--nats-", texts);
  const url = edgeUrlOf(settings, env.EDGE_PUBLIC_URL);
  if (url === undefined) throw new Error(edge.noName(shownAddress(settings)));
  await makeKeys(folder);
  // Without a wish what somebody has changed by hand stays.
  if (!before || Object.keys(given).length > 0) writeConfiguration(folder, settings);
  const kept = new KeptNats(join(found.folder, "nats-server"), found.version, folder, settings, log);
  await kept.start(texts);
  log.info({ url, version: found.version, folder }, "nats-server runs");
  if (!isMeantVersion(found.version))
    log.warn({ version: found.version }, `nats-server is older than what is meant: ${MEANT_VERSIONS}`);
  return { variables: { EDGE_URL: url, EDGE_KEYS: folder }, stop: () => kept.stop() };
}

class KeptNats {
  readonly #file: string;
  readonly #version: string;
  readonly #folder: string;
  readonly #settings: ServerSettings;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #server: LocalServer | undefined;
  /** Being started again. */
  #returning: Promise<void> = Promise.resolve();

  constructor(file: string, version: string, folder: string, settings: ServerSettings, log: Log) {
    this.#file = file;
    this.#version = version;
    this.#folder = folder;
    this.#settings = settings;
    this.#log = log;
  }

  async start({ edge }: Texts): Promise<void> {
    const until = performance.now() + PREDECESSOR_MS;
    for (;;) {
      try {
        this.#server = await this.#startOnce();
        return;
      } catch (thrown) {
        if (!isPortTaken(thrown)) throw new Error(edge.didNotStart(toError(thrown).message));
        if (performance.now() > until) throw new Error(edge.portTaken(shownAddress(this.#settings)));
        await sleep(LOOK_MS);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#returning;
    await this.#server?.stop();
  }

  #startOnce(): Promise<LocalServer> {
    const { port, host } = this.#settings;
    const here = host === "0.0.0.0" || host === "::" ? undefined : host;
    return startProgram({
      ...{ name: "nats-server", version: this.#version, file: this.#file, endsBy: "SIGTERM", port },
      args: () => ["-c", configurationPath(this.#folder)],
      // Nothing of what this process knows: keys of models, passwords of stores.
      env: {},
      url: () => `nats://${shownAddress(this.#settings)}`,
      serves: async () => (await firstAnswer(port, "", ANSWER_MS, here)).startsWith("INFO"),
      keptIn: this.#folder,
      onLine: logLines(this.#log),
      onDeath: () => {
        this.#returning = this.#again();
      },
    });
  }

  async #again(): Promise<void> {
    const { signal } = this.#stopping;
    this.#log.warn({}, "nats-server has ended; it is started again");
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#server?.restart();
        this.#log.info({}, "nats-server runs again");
        return;
      } catch (thrown) {
        this.#log.error({ err: toError(thrown) }, "nats-server does not start");
      }
    }
  }
}
