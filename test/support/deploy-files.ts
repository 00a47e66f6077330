// docker-compose.yml and what lies in deploy/, as data.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

export const ROOT = join(import.meta.dirname, "..", "..");

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** @throws what is no YAML, a key that stands twice included */
export function documentsOf<T>(path: string): T[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    const [fault] = document.errors;
    if (fault) throw fault;
    // Ours, and written with many aliases.
    return document.toJS({ maxAliasCount: -1 }) as T;
  });
}

export type ComposeService = {
  profiles: string[];
  image?: string;
  build?: unknown;
  command?: string[];
  environment?: Record<string, string>;
  networks?: string[] | Record<string, unknown>;
  ports?: string[];
  volumes?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  user?: string;
  restart: string;
  network_mode?: string;
  security_opt: string[];
  stop_grace_period?: string;
};
export type Compose = {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean }>;
};

const VALUES: Record<string, string> = {
  JWT_SECRET: "a-secret-of-the-cluster-that-is-long-enough",
  PUBLIC_NAME: "macjarvis.example.com",
};

/** As docker-compose fills it in: what has a default has that, and each password is one that fits into an address. */
export function filledIn(text: string): string {
  return text
    .replaceAll(
      /\$\{(\w+)(?::(-|\?)([^}]*))?\}/g,
      (_, name: string, how?: string, words = "") => VALUES[name] ?? (how === "-" ? words : `${name}4711`),
    )
    .replaceAll("$$", "$");
}

export const compose = (): Compose => documentsOf<Compose>("docker-compose.yml")[0] as Compose;

/** The environment of a service of ours, filled in; undefined for what is none of ours. */
export function environmentOf({ environment }: ComposeService): Record<string, string> | undefined {
  if (environment?.SERVICES === undefined) return undefined;
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(value)]));
}
