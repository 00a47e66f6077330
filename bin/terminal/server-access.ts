// Where the command lines find the server and with which key they come: MACJARVIS_URL and MACJARVIS_KEY, else the server
// of this machine and its owner's key.
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type Environment, isLoopback } from "../../lib/env.ts";
import { readSecretFile } from "../../lib/secret-file.ts";
import { type Texts, textsFor } from "./texts.ts";

export type ServerAccess = {
  /** Without a slash at its end. */
  url: string;
  /** Undefined when there is none for this server; `keyProblem` says what to do. */
  key?: string;
  keyProblem?: string;
  /** The file that the key is from, unless it was given. */
  keyFile?: string;
};

type Settings = Pick<Environment, "HOST" | "PORT" | "MACJARVIS_HOME" | "MACJARVIS_URL" | "MACJARVIS_KEY">;

export function serverAccess(env: Settings, { connection }: Texts = textsFor("en")): ServerAccess {
  const url = (env.MACJARVIS_URL ?? localUrl(env)).replace(/\/+$/, "");
  if (env.MACJARVIS_KEY) return { url, key: env.MACJARVIS_KEY };
  // The owner's key opens this machine: it goes to no other one.
  if (!isThisMachine(new URL(url).hostname)) return { url, keyProblem: connection.setKey(url) };
  const file = join(env.MACJARVIS_HOME, "owner.key");
  const key = readKey(file);
  if (key) return { url, key, keyFile: file };
  return { url, keyProblem: connection.noKey(file) };
}

function localUrl({ HOST, PORT }: Settings): string {
  const wildcards: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1" };
  const host = wildcards[HOST] ?? HOST;
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${PORT}`;
}

function isThisMachine(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isLoopback(address)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((own) => own.address.toLowerCase() === address.toLowerCase()),
  );
}

function readKey(file: string): string | undefined {
  try {
    return readSecretFile(file);
  } catch {
    return undefined;
  }
}
