// Where the programs of the servers are: in the folder that .ci/install-servers fills (MACJARVIS_TEST_SERVERS), in PATH, or where
// Debian and Homebrew put them.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The folder that .ci/install-servers fills. */
const installed = () => process.env.MACJARVIS_TEST_SERVERS || "/var/tmp/macjarvis-test-servers";

type Wanted = {
  what: string;
  /** They are in one folder; the first one is a program that answers `--version` (or `asked`), with something that `version` takes. */
  files: string[];
  asked?: string;
  version: RegExp;
  /** Below the folder of .ci/install-servers, as a glob. */
  ours?: string | undefined;
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
    usual: ["/opt/homebrew/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin"],
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
  /** Checks docker-compose.yml; it needs no engine for that. */
  compose: {
    what: "docker-compose 2.20 or newer",
    files: ["docker-compose"],
    version: /^(2\.[2-9]\d|[3-9]|\d\d)\./,
    ours: "compose/usr/libexec/docker/cli-plugins",
    usual: ["/usr/libexec/docker/cli-plugins", "/usr/local/lib/docker/cli-plugins"],
  },
  promtool: {
    what: "promtool 2.40 or newer",
    files: ["promtool"],
    version: /^(2\.[4-9]|[3-9])/,
    ours: "promtool/bin",
  },
  nginx: {
    what: "nginx 1.22 or newer",
    files: ["nginx"],
    asked: "-v",
    version: /^1\.(2[2-9]|[3-9])/,
    ours: "nginx/bin",
    usual: ["/usr/sbin", "/opt/homebrew/bin"],
  },
} satisfies Record<string, Wanted>;

export type ServerName = keyof typeof WANTED;
/** A folder with all programs of a server, and its version. */
export type Found = { folder: string; version: string };

export const hasServer = (name: ServerName): boolean => look(WANTED[name]) !== undefined;

/** One that whoever runs this machine has put into PATH or a usual place; never one of a folder that is for tests. */
export const findInstalled = (name: ServerName): Found | undefined =>
  look({ ...WANTED[name], ours: undefined });

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
    const version = versionOf(files[0] ?? "", wanted.asked);
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
function versionOf(program: string, asked = "--version"): string | undefined {
  const { stdout, stderr } = spawnSync(program, [asked], { encoding: "utf8" });
  // nginx says it to standard error.
  return /\d+(\.\d+)+/.exec(stdout || stderr || "")?.[0];
}
