// Where the programs of the servers are: in the folder that .ci/install-servers fills (MACJARVIS_TEST_SERVERS), in PATH, or where
// Debian and Homebrew put them.
import { execFileSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The folder that .ci/install-servers fills. */
const installed = () => process.env.MACJARVIS_TEST_SERVERS || "/var/tmp/macjarvis-test-servers";

type Wanted = {
  what: string;
  /** They are in one folder; the first one is a program that answers `--version`, with something that `version` takes. */
  files: string[];
  version: RegExp;
  /** Below the folder of .ci/install-servers, as a glob. */
  ours?: string;
  /** Where else than in PATH, as globs. */
  usual?: string[];
  /** A cluster does without it. */
  isOptional?: boolean;
};

const WANTED = {
  postgres: {
    what: "PostgreSQL 15 or newer",
    files: ["postgres", "initdb"],
    version: /^(1[5-9]|[2-9]\d)\./,
    usual: ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin"],
  },
  redis: { what: "Redis 7 or newer", files: ["redis-server"], version: /^([7-9]|\d\d)\./ },
  nats: {
    what: "nats-server 2.10 or newer",
    files: ["nats-server"],
    version: /^2\.\d\d\./,
    ours: "nats/usr/sbin",
  },
  /** The last without batched direct get: both ways are to be tested. */
  "nats 2.10": {
    what: "nats-server 2.10 beside a newer one",
    files: ["nats-server"],
    version: /^2\.10\./,
    ours: "nats-2.10/usr/sbin",
    isOptional: true,
  },
  mongod: {
    what: "MongoDB 7 or newer",
    files: ["mongod"],
    version: /^([7-9]|\d\d)\./,
    isOptional: true,
  },
  documentdb: {
    what: "PostgreSQL with DocumentDB (or a MongoDB replica set in MONGO_URL)",
    files: ["postgres", "initdb", "../lib/pg_documentdb.so"],
    version: /^\d+\./,
    ours: "documentdb/usr/lib/postgresql/*/bin",
    usual: ["/usr/lib/postgresql/*/bin"],
  },
} satisfies Record<string, Wanted>;

export type ServerName = keyof typeof WANTED;
/** A folder with all programs of a server, and its version. */
export type Found = { folder: string; version: string };

export const hasServer = (name: ServerName): boolean => look(WANTED[name]) !== undefined;

/** @throws an error that names all that is missing, not only this one, and how to get it */
export function findServer(name: ServerName): Found {
  const found = look(WANTED[name]);
  if (found) return found;
  const missing = Object.entries<Wanted>(WANTED).flatMap(([key, wanted]) =>
    (key !== name && wanted.isOptional) || look(wanted) ? [] : [wanted],
  );
  throw new Error(
    `A cluster on this machine needs servers that are not here: ${missing.map(({ what }) => what).join(", ")}.\n` +
      `On Debian .ci/install-servers installs them, those that Debian does not have into ${installed()} ` +
      "(MACJARVIS_TEST_SERVERS names another folder). Elsewhere put them into PATH.",
  );
}

function look(wanted: Wanted): Found | undefined {
  for (const folder of placesOf(wanted)) {
    const files = wanted.files.map((file) => join(folder, file));
    if (!files.every((file) => existsSync(file))) continue;
    const version = versionOf(files[0] ?? "");
    if (version !== undefined && wanted.version.test(version)) return { folder, version };
  }
  return undefined;
}

function placesOf({ ours, usual = [] }: Wanted): string[] {
  const first = ours === undefined ? [] : globSync(join(installed(), ours));
  const path = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  // The newest first.
  return [...first, ...path, ...usual.flatMap((pattern) => globSync(pattern).sort().reverse())];
}

/** Undefined for what is there and does not run on this machine. */
function versionOf(program: string): string | undefined {
  try {
    const said = execFileSync(program, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return /\d+(\.\d+)+/.exec(said)?.[0];
  } catch {
    return undefined;
  }
}
