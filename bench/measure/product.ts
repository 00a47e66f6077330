// The product as users start it: what `npm start` runs, with data in a folder of its own, users registered over HTTP.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { makeHome, removeHome } from "./homes.ts";
import { ROOT, type Started, start } from "./processes.ts";
import type { System } from "./systems.ts";
import { writeTools } from "./tools.ts";
import { registerUsers } from "./users.ts";

export type ProductOptions = {
  upstreamPort: number;
  users: number;
  /** Gives every user this machine's tools, among them `bench_wait` of 0.2 s and `bench_now`. */
  tools?: boolean;
  /** Loads product-probe.ts into the process: counts commits, profiles. Left out where times are measured. */
  probe?: boolean;
  /** Added to its environment. */
  env?: Record<string, string>;
  /** Another checkout of the product, to compare two builds; this one unless said. */
  checkout?: string;
  /** Folder for the data folder; the system's folder for temporary files unless said. */
  parent?: string;
};

export type Product = System & { started: Started; url: string; home: string };

/** For all processes of a cluster, started on one core. */
const READY_MS = 120_000;

/** @throws Error with what it printed when it does not become ready */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const home = await makeHome(options.parent);
  if (options.tools) await writeTools(home);
  const env = { ...productEnvironment(home, options.upstreamPort), ...options.env };
  if (options.tools) env.HOST_TOOLS = "all";
  if (options.probe) env.NODE_OPTIONS = `--import=${pathToFileURL(join(ROOT, "bench/product-probe.ts"))}`;
  const started = start(startCommand(options.checkout ?? ROOT), "system", env);
  const stop = async () => {
    await started.stop();
    await removeHome(home);
  };
  try {
    const url = await whenReady(started);
    const users = await registerUsers([url], home, options.users);
    return { name: "macjarvis", pid: started.pid, target: () => users.target(), stop, started, url, home };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The command of `npm start`, without npm. */
function startCommand(checkout: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    scripts: { start: string };
  };
  const [, , ...given] = scripts.start.split(" ");
  return [process.execPath, ...given.map((word) => (word.includes("bin/") ? resolve(checkout, word) : word))];
}

/** What the product is told wherever a benchmark starts it. */
export function productEnvironment(home: string, upstreamPort: number): Record<string, string> {
  return {
    MACJARVIS_HOME: home,
    PORT: "0",
    LOG_LEVEL: "warn",
    OPENAI_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
    DEFAULT_MODEL: "openai/bench",
    MODELS: "openai/bench",
  };
}

/** Its URL, once it answers that it is ready. @throws Error with what it printed */
export async function whenReady(started: Started): Promise<string> {
  const until = performance.now() + READY_MS;
  let hasEnded = false;
  void started.ended.then(() => {
    hasEnded = true;
  });
  while (performance.now() < until && !hasEnded) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output())?.[0];
    if (url && (await isReady(url))) return url;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`the server did not become ready:\n${started.output()}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/v1/health/ready`)).status === 200;
  } catch {
    return false;
  }
}
