// A start that fails says why in words and leaves nothing behind: no lock, no file, no socket, nothing that keeps the process alive.
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { tryToStart } from "../support/starts.ts";
import type { Outcome } from "../support/try-to-start.ts";

let folder: string;
let taken: Server;
let port: number;
let held: DatabaseSync | undefined;
/** By the fault's name. */
const outcomes = new Map<string, Outcome>();

/** Each start in a folder of its own; one process tries them all, as loading the program is most of a start that fails. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-start-"));
  taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  port = (taken.address() as AddressInfo).port;
  const all = [...FAULTS, MODEL_SETTINGS, PLUGIN_FOLDER];
  const tries = all.map(({ make }, index) => {
    const home = homeOf(index);
    mkdirSync(home, { mode: 0o700 });
    return { home, env: make((name) => join(home, name)) };
  });
  for (const [index, outcome] of (await tryToStart(tries)).entries())
    outcomes.set(all[index]?.name ?? "", outcome);
});
afterAll(async () => {
  held?.close();
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

const homeOf = (index: number) => join(folder, `home-${index}`);

const NOTHING_LEFT = { open: [], listening: false };

type At = (name: string) => string;
type Fault = { name: string; make(at: At): Record<string, string>; words: (at: At) => string };
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
    make(at) {
      held = new DatabaseSync(at("macjarvis.db"));
      held.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE");
      return {};
    },
    words: (at) =>
      `The database ${at("macjarvis.db")} cannot be used: the database is locked. Stop the other program`,
  },
  {
    name: "the database is none",
    make(at) {
      writeFileSync(
        at("macjarvis.db"),
        "this is a text and no database, and long enough to be one".repeat(99),
      );
      return {};
    },
    words: (at) =>
      `${at("macjarvis.db")} is no database, or its beginning is damaged. Stop every MacJarvis and restore`,
  },
  {
    name: "the folder of its events is a file",
    make(at) {
      writeFileSync(at("events"), "");
      return {};
    },
    words: (at) => `${at("events")} cannot be used: it is a file. See that it can be written`,
  },
  {
    name: "one of its event files is a folder, after others were opened",
    make(at) {
      mkdirSync(at("events/00000002.log"), { recursive: true });
      writeFileSync(at("events/00000001.log"), "");
      return {};
    },
    words: (at) => `${at("events/00000002.log")} cannot be used: it is a folder.`,
  },
  {
    name: "the journal of its node is a file",
    make(at) {
      writeFileSync(at("node"), "");
      return {};
    },
    words: (at) => `The node's journal ${at("node")} cannot be used: it is a file. Move away what is there`,
  },
  {
    name: "the owner's key is a folder, found when all else has started",
    make(at) {
      mkdirSync(at("owner.key"));
      return {};
    },
    words: (at) => `The file ${at("owner.key")} cannot be used: it is a folder. Move it away`,
  },
  {
    name: "its secret is too short",
    make(at) {
      writeFileSync(at("jwt-secret"), "short");
      return {};
    },
    words: (at) => `${at("jwt-secret")} holds fewer than 32 characters`,
  },
];

const MODEL_SETTINGS: Fault = {
  name: "of the settings of models",
  make(at) {
    rmSync(at("."), { recursive: true });
    return { OPENAI_BASE_URL: "ftp://models", DEFAULT_MODEL: "x" };
  },
  words: () => "OPENAI_BASE_URL: must be an http:// or https:// address",
};

const PLUGIN_FOLDER = {
  name: "a plugin folder that is none",
  make(at: At) {
    writeFileSync(at("plugins"), "");
    return {};
  },
};

describe("a start that fails", () => {
  test.each(FAULTS.map((fault, index) => ({ ...fault, index })))(
    "because $name says so and leaves nothing open",
    ({ name, words, index }) => {
      const { message, ...left } = outcomes.get(name) as Outcome;
      expect(message).toContain(words((file) => join(homeOf(index), file)));
      expect(left).toEqual(NOTHING_LEFT);
    },
  );

  test("because of the settings of models has touched nothing", () => {
    const { message, ...left } = outcomes.get(MODEL_SETTINGS.name) as Outcome;
    expect(message).toContain(MODEL_SETTINGS.words(String));
    expect(left).toEqual(NOTHING_LEFT);
    expect(existsSync(homeOf(FAULTS.length))).toBe(false);
  });
});

test("a plugin folder that is none does not keep the server from starting, and a server that has stopped leaves nothing open", () => {
  expect(outcomes.get(PLUGIN_FOLDER.name)).toEqual({ message: null, ...NOTHING_LEFT });
});
