// A start that fails says why in words and leaves nothing behind: no lock, no file, no socket, nothing that keeps the process alive.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { environment } from "../support/environment.ts";

const ROOT = join(import.meta.dirname, "../..");

let home: string;
let taken: Server;
let port: number;
let held: DatabaseSync | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-start-"));
  taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  port = (taken.address() as AddressInfo).port;
});
afterEach(async () => {
  held?.close();
  held = undefined;
  taken.close();
  await rm(home, { recursive: true, force: true });
});

type Outcome = { message: string | null; open: string[]; lock?: string; listening: boolean };

/** What a process says that tried to start; it has ended by itself. */
async function tryToStart(env: Record<string, string>): Promise<Outcome> {
  const child = spawn(join(ROOT, "node_modules/.bin/node"), ["test/support/try-to-start.ts", home], {
    cwd: ROOT,
    env: environment({
      MACJARVIS_HOME: home,
      PORT: "0",
      SANDBOX: "off",
      LOG_LEVEL: "fatal",
      LOG_FORMAT: "json",
      ...env,
    }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece) => (said += String(piece)));
  await once(child, "close");
  return JSON.parse(said) as Outcome;
}

const NOTHING_LEFT = { open: [], listening: false };
const at = (name: string) => join(home, name);

type Fault = { name: string; make(): Record<string, string>; words: () => string };
const FAULTS: Fault[] = [
  {
    name: "its port is taken",
    make: () => ({ PORT: String(port) }),
    words: () => `Port ${port} on 127.0.0.1 is in use. Stop what uses it, or choose another`,
  },
  {
    name: "the port of its metrics is taken",
    make: () => ({ METRICS_PORT: String(port) }),
    words: () => `Port ${port} on 127.0.0.1 is in use. Stop what uses it, or choose another: METRICS_PORT=`,
  },
  {
    name: "another program holds the database",
    make() {
      held = new DatabaseSync(at("macjarvis.db"));
      held.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE");
      return {};
    },
    words: () =>
      `The database ${at("macjarvis.db")} cannot be used: the database is locked. Stop the other program`,
  },
  {
    name: "the database is none",
    make() {
      writeFileSync(
        at("macjarvis.db"),
        "this is a text and no database, and long enough to be one".repeat(99),
      );
      return {};
    },
    words: () =>
      `${at("macjarvis.db")} is no database, or its beginning is damaged. Stop every MacJarvis and restore`,
  },
  {
    name: "the folder of its events is a file",
    make() {
      writeFileSync(at("events"), "");
      return {};
    },
    words: () => `${at("events")} cannot be used: it is a file. See that it can be written`,
  },
  {
    name: "one of its event files is a folder, after others were opened",
    make() {
      mkdirSync(at("events/00000002.log"), { recursive: true });
      writeFileSync(at("events/00000001.log"), "");
      return {};
    },
    words: () => `${at("events/00000002.log")} cannot be used: it is a folder.`,
  },
  {
    name: "the journal of its node is a file",
    make() {
      writeFileSync(at("node"), "");
      return {};
    },
    words: () => `The node's journal ${at("node")} cannot be used: it is a file. Move away what is there`,
  },
  {
    name: "the owner's key is a folder, found when all else has started",
    make() {
      mkdirSync(at("owner.key"));
      return {};
    },
    words: () => `The file ${at("owner.key")} cannot be used: it is a folder. Move it away`,
  },
  {
    name: "its secret is too short",
    make() {
      writeFileSync(at("jwt-secret"), "short");
      return {};
    },
    words: () => `${at("jwt-secret")} holds fewer than 32 characters`,
  },
];

describe("a start that fails", () => {
  test.each(FAULTS)("because $name says so and leaves nothing open", async ({ make, words }) => {
    const { message, ...left } = await tryToStart(make());
    expect(message).toContain(words());
    expect(left).toEqual(NOTHING_LEFT);
  });

  test("because of the settings of models has touched nothing", async () => {
    await rm(home, { recursive: true });
    const { message, ...left } = await tryToStart({ OPENAI_BASE_URL: "ftp://models", DEFAULT_MODEL: "x" });
    expect(message).toContain("OPENAI_BASE_URL: must be an http:// or https:// address");
    expect(left).toEqual(NOTHING_LEFT);
    expect(existsSync(home)).toBe(false);
  });
});

test("a plugin folder that is none does not keep the server from starting, and a server that has stopped leaves nothing open", async () => {
  writeFileSync(at("plugins"), "");
  expect(await tryToStart({})).toEqual({ message: null, ...NOTHING_LEFT });
});
