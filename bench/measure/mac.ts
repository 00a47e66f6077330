// A Mac of a benchmark: the program of Macs as its owner starts it, paired over HTTP, with a folder of its own.
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./api.ts";
import { makeHome, removeHome } from "./homes.ts";
import { type Core, ROOT, type Started, start } from "./processes.ts";
import { writeTools } from "./tools.ts";

export type PairedMac = {
  id: string;
  /** What the program keeps: its key, its credentials. */
  folder: string;
  /** Starts the program; on the system's core unless said. */
  serve(core?: Core): Started;
  /** Nothing of it may run any more. */
  remove(): Promise<void>;
};

/** The pairing code's life is longer. */
const LIMIT_MS = 60_000;
const LOOK_MS = 1;
/** The fingerprint of its key, as it is shown to be compared. */
const FINGERPRINT = /[0-9a-f]{4} [0-9a-f]{4}/;
/** With the time before it. */
const CONNECTED = /(^|\s)connected(\s|\.|$)/m;

/** @param user whose Mac it becomes @param tools whether it gets those of benchmarks @throws Error with what the program printed when it does not come to be paired */
export async function pairMac(url: string, user: string, name: string, tools: boolean): Promise<PairedMac> {
  const home = await makeHome();
  const folder = join(home, "node");
  await mkdir(folder, { mode: 0o700 });
  if (tools) await writeTools(folder);
  const env = { HOME: home, MACJARVIS_NODE_HOME: folder, NO_COLOR: "1" };
  const program = (core: Core, ...words: string[]) => start([...nodeCommand(), ...words], core, env);
  const { id, code } = await ask<{ id: string; code: string }>(url, "POST", "/nodes/pairings", {
    ...{ body: {}, bearer: user },
  });
  const joining = program("system", "join", url, code, "--name", name, "--no-serve");
  try {
    await untilSaid(joining, FINGERPRINT);
    await ask(url, "POST", `/nodes/pairings/${id}/confirm`, { body: {}, bearer: user });
    await joining.ended;
    const identity = JSON.parse(readFileSync(join(folder, "identity.json"), "utf8")) as { node_id: string };
    return {
      ...{ id: identity.node_id, folder },
      serve: (core = "system") => program(core, "serve"),
      remove: () => removeHome(home),
    };
  } catch (error) {
    await joining.stop();
    throw new Error(`a Mac could not be paired:\n${joining.output()}`, { cause: error });
  }
}

/** Answers as soon as the program says that it is connected. */
export const untilConnected = (started: Started) => untilSaid(started, CONNECTED);

type Known = { status: string; tools: string[] };

/** The server deals with it and knows its tools. */
export async function untilUsable(url: string, user: string, id: string): Promise<void> {
  let node: Known | undefined;
  for (const until = performance.now() + LIMIT_MS; performance.now() < until; await sleep(20)) {
    ({ node } = await ask<{ node: Known }>(url, "GET", `/nodes/${id}`, { bearer: user }));
    if (node.status === "online" && node.tools.length > 0) return;
  }
  throw new Error(`the server does not come to know the Mac's tools: ${JSON.stringify(node)}`);
}

async function untilSaid(started: Started, words: RegExp): Promise<void> {
  let hasEnded = false;
  void started.ended.then(() => {
    hasEnded = true;
  });
  for (const until = performance.now() + LIMIT_MS; performance.now() < until; await sleep(LOOK_MS)) {
    if (words.test(started.output())) return;
    if (hasEnded) break;
  }
  throw new Error(`it did not say ${words}:\n${started.output()}`);
}

/** The command of `npm run node`, without npm. */
function nodeCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: { node: string };
  };
  const [, , ...given] = scripts.node.split(" ");
  return [process.execPath, ...given];
}
