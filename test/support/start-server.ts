// Starts the real server as users do, `node bin/start.ts`, on a free port with data in a temporary folder.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { environment } from "./environment.ts";

export type TestServer = {
  url: string;
  home: string;
  pid: number;
  /** All it has printed so far. */
  output(): string;
  /** The key of the owner account (admin). */
  ownerKey(): Promise<string>;
  /** Ends it with a signal and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Types a line into its prompt (`withRepl`). */
  type(line: string): void;
  /** The same as the last one: nothing is typed any more. */
  typeLast(line: string): void;
  /** Waits until it has died by itself (a crash point). */
  died(): Promise<void>;
  /** Starts it again on the same data, perhaps with another environment. */
  restart(env?: Record<string, string>): Promise<TestServer>;
  /** Kills it and removes its data. */
  remove(): Promise<void>;
};

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const CHEAP_PASSWORDS = pathToFileURL(join(import.meta.dirname, "cheap-passwords.ts")).href;

export type HowToStart = {
  home?: string;
  /** What a hash costs, as little as it can unless the test is about what people get. */
  passwords?: "cheap" | "as shipped";
  /** As with --repl. */
  withRepl?: boolean;
  /** More of its command line. */
  args?: string[];
  /** A file that all it prints is added to as well. */
  log?: string | undefined;
};

export async function startServer(
  env: Record<string, string> = {},
  { home, passwords = "cheap", withRepl = false, args = [], log }: HowToStart = {},
): Promise<TestServer> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "macjarvis-flow-")));
  const before = passwords === "cheap" ? ["--import", CHEAP_PASSWORDS] : [];
  const child = spawn(NODE, [...before, "bin/start.ts", ...(withRepl ? ["--repl"] : []), ...args], {
    cwd: ROOT,
    env: environment({ MACJARVIS_HOME: folder, PORT: "0", LOG_FORMAT: "json", ...env }),
    stdio: [withRepl ? "pipe" : "ignore", "pipe", "pipe"],
  });
  let output = "";
  const print = (chunk: Buffer) => {
    output += chunk.toString();
    if (log) appendFileSync(log, chunk);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", print);
  // Not at its exit: what it said last may be read after that.
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const hasDoor = env.SERVICES === undefined || env.SERVICES.includes("api");
  const url = await ready(child, gone, () => output, hasDoor);
  const server: TestServer = {
    url,
    home: folder,
    pid: child.pid ?? 0,
    output: () => output,
    ownerKey: async () => (await readFile(join(folder, "owner.key"), "utf8")).trim(),
    async kill(signal = "SIGKILL") {
      child.kill(signal);
      await gone;
    },
    type: (line) => void child.stdin?.write(`${line}\n`),
    typeLast: (line) => void child.stdin?.end(`${line}\n`),
    died: () => gone,
    restart: async (over = {}) => {
      child.kill("SIGKILL");
      await gone;
      return startServer({ ...env, ...over }, { home: folder, passwords, withRepl, args, log });
    },
    async remove() {
      child.kill("SIGKILL");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

/** The URL it prints once it listens; of a process without a door nothing, once it has started. @throws when it ends before, with what it printed */
function ready(
  child: ChildProcess,
  gone: Promise<void>,
  output: () => string,
  hasDoor: boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = /http:\/\/[\w.[\]:]+:\d+/.exec(output());
      if (found && hasDoor) resolve(found[0]);
      if (!hasDoor && output().includes('"msg":"started"')) resolve("");
    };
    child.stdout?.on("data", look);
    child.once("error", reject);
    void gone.then(() => reject(new Error(`the server ended:\n${output()}`)));
  });
}
