// The files of the folder of keys, and reading them. Who needs which of them: docs/decisions/2026-11-30-macs.md.
import { join } from "node:path";
import { readSecretFile } from "../../secret-file.ts";

/** The command that makes the folder. */
export const INIT_COMMAND = "npm run doctor -- nats init";

export const KEY_FILES = {
  /** Root of trust: may be taken away, and is better kept elsewhere. */
  operatorSeed: "operator.seed",
  operatorJwt: "operator.jwt",
  operatorSigningSeed: "operator-signing.seed",
  systemCreds: "system.creds",
  edgeAccount: "edge-account.pub",
  edgeSigningSeed: "edge-signing.seed",
  hubCreds: "hub.creds",
  grantsSeed: "grants.seed",
  /** Its public half, which Macs are told: of several, while one takes the place of another, a line each. */
  grantsPublic: "grants.pub",
  /** For a nats-server that carries the core's bus as well. */
  coreCreds: "core.creds",
} as const;
export type KeyFile = (typeof KEY_FILES)[keyof typeof KEY_FILES];

/** Nothing that runs reads them. */
export const MAY_BE_TAKEN_AWAY: readonly KeyFile[] = [
  KEY_FILES.operatorSeed,
  KEY_FILES.operatorJwt,
  KEY_FILES.coreCreds,
];

export const ALL_KEY_FILES: readonly KeyFile[] = Object.values(KEY_FILES);
/** Account claims as nats-server keeps them, a file each. */
export const RESOLVER_FOLDER = "resolver";
export const CONFIGURATION_FILE = "nats-server.conf";

/** What is in one of the files. @throws Error in words when it is not there or cannot be read */
export function readKeyFile(folder: string, file: KeyFile): string {
  const text = readSecretFile(join(folder, file));
  if (text) return text;
  throw new Error(
    `The keys of the edge in ${folder} lack ${file}: bring it back from where it was taken to, or from a backup. ${INIT_COMMAND} makes a folder of keys anew.`,
  );
}
