// nats-server.conf of the edge: made from the keys, and read back for where the server listens. It stands by itself: nothing of the folder
// but `resolver` is needed to run it.
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { User } from "@nats-io/jwt";
import { isLoopback } from "../net/is-loopback.ts";
import { readSecretFile, writeSecretFile } from "../secret-file.ts";
import {
  CONFIGURATION_FILE,
  INIT_COMMAND,
  KEY_FILES,
  RESOLVER_FOLDER,
  readKeyFile,
} from "./keys/key-files.ts";
import { readJwt } from "./keys/read-jwt.ts";

export type Listening = { host: string; port: number };
/** PEM files. */
export type ServerTls = { certFile: string; keyFile: string };
export type ServerSettings = Listening & {
  tls?: ServerTls | undefined;
  /** Carries the core's bus in its account CORE as well, which needs JetStream. */
  core?: boolean;
  /** Where it listens for WebSocket connections as well: in plain text on this machine, for a proxy that ends TLS, else with `tls`. */
  webSocket?: Listening | undefined;
};

export const configurationPath = (folder: string) => join(folder, CONFIGURATION_FILE);

/**
 * Writes the file; one with other contents is kept beside it as `nats-server.conf.before`.
 * @returns whether there was something to write
 * @throws Error in words when a key is missing, or where it would listen to others in plain text
 */
export function writeConfiguration(folder: string, settings: ServerSettings): boolean {
  const path = configurationPath(folder);
  const before = readSecretFile(path);
  const text = configurationOf(folder, settings, operatorIn(folder, before));
  if (before === text.trim()) return false;
  if (before !== undefined) writeSecretFile(`${path}.before`, before);
  writeSecretFile(path, text.trim());
  return true;
}

/** It may have been taken away, and then stands in the file only. */
function operatorIn(folder: string, before: string | undefined): string {
  const kept = existsSync(join(folder, KEY_FILES.operatorJwt))
    ? readKeyFile(folder, KEY_FILES.operatorJwt)
    : /^operator: "?([\w.-]+)"?$/m.exec(before ?? "")?.[1];
  return kept ?? readKeyFile(folder, KEY_FILES.operatorJwt);
}

function configurationOf(folder: string, settings: ServerSettings, operator: string): string {
  const { host, port, tls, core = false, webSocket } = settings;
  const plain = tls ? undefined : [settings, webSocket].find((each) => each && !isLoopback(each.host));
  if (plain)
    throw new Error(
      `nats-server at ${shownAddress(plain)} would be reached in plain text, with all that Macs and the server say to each other. Give it a certificate (--tls-cert, --tls-key); only this machine (127.0.0.1) may be reached without TLS.`,
    );
  return `# nats-server of the edge, where Macs and the server meet. Made by ${INIT_COMMAND}.
# Start it with: nats-server -c ${configurationPath(folder)}
listen: ${quoted(shownAddress({ host, port }))}
server_name: "macjarvis-edge"

# Who may come is in claims that the operator signs: an account's in the resolver's folder, a user's own with its connection.
operator: ${quoted(operator)}
system_account: ${systemAccountOf(folder)}
resolver: {
  type: full
  dir: ${quoted(join(folder, RESOLVER_FOLDER))}
  # Accounts are never removed, and revocations with them.
  allow_delete: false
  interval: "2m"
}

max_payload: 8MB
# Who leaves more than that unread, or takes longer for a message, is cut off. Whoever writes is held back from three quarters of it, which
# leaves room for what is under way: a Mac that floods must not cut off the hub.
max_pending: 256MB
write_deadline: "5s"
# Who does not say what it is in this time is cut off.
authorization: { timeout: 3 }
# Who vanishes is noticed within 12 s.
ping_interval: "4s"
ping_max: 2
max_control_line: 4KB
${tls ? tlsBlock(tls) : ""}${webSocket ? webSocketBlock(webSocket, tls) : ""}${core ? jetStreamBlock(folder) : ""}`;
}

const tlsBlock = ({ certFile, keyFile }: ServerTls) => `
tls: {
  cert_file: ${quoted(certFile)}
  key_file: ${quoted(keyFile)}
  timeout: 5
  min_version: "1.2"
}
`;

const webSocketBlock = (at: Listening, tls: ServerTls | undefined) => `
# For Macs that are let through to the web and nowhere else.
websocket: {
  listen: ${quoted(shownAddress(at))}
  ${tls && !isLoopback(at.host) ? `tls: { cert_file: ${quoted(tls.certFile)}, key_file: ${quoted(tls.keyFile)}, min_version: "1.2" }` : "no_tls: true"}
  handshake_timeout: "5s"
}
`;

const jetStreamBlock = (folder: string) => `
# For the core's bus, in account CORE (core.creds); EDGE has none of it.
jetstream: { store_dir: ${quoted(join(folder, "jetstream"))} }
`;

/** Its user was signed by the account itself. */
function systemAccountOf(folder: string): string {
  const [, jwt = ""] = /JWT-+\s+(\S+)\s/.exec(readKeyFile(folder, KEY_FILES.systemCreds)) ?? [];
  return readJwt<User>(jwt).iss;
}

const quoted = (text: string) => JSON.stringify(text);
export const shownAddress = ({ host, port }: Listening) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/**
 * What the file sets, as far as it is set here; undefined when there is no file.
 * @throws Error in words when it was changed so that this cannot be read from it
 */
export function readConfiguration(folder: string): ServerSettings | undefined {
  const path = configurationPath(folder);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8");
  const [, address = ""] = /^listen: "?([^"\s]+)"?$/m.exec(text) ?? [];
  const listening = listeningOf(address);
  if (!listening)
    throw new Error(
      `${path} has no line such as listen: "127.0.0.1:4223". Give it one, or move the file away and use ${INIT_COMMAND}.`,
    );
  const [certFile, keyFile] = ["cert_file", "key_file"].map(
    (name) => new RegExp(`^\\s*${name}: "([^"]+)"$`, "m").exec(text)?.[1],
  );
  const [, web = ""] = /^websocket: \{\n\s*listen: "?([^"\s]+)"?$/m.exec(text) ?? [];
  const webSocket = listeningOf(web);
  const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
  return {
    ...listening,
    ...(tls ? { tls } : {}),
    ...(webSocket ? { webSocket } : {}),
    core: /^jetstream\b/m.test(text),
  };
}

/** `HOST:PORT`, an address of IPv6 in brackets; undefined for what is none. */
export function listeningOf(text: string): Listening | undefined {
  const [, six, name, digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [six ?? name, Number(digits)];
  return host !== undefined && port > 0 && port <= 65_535 ? { host, port } : undefined;
}
