// Where NATS is and who we are there, from the address that whoever runs the server gave: hosts, credentials, and whether the way
// there may be in plain text.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { type Authenticator, credsAuthenticator, type TlsOptions, type WsSocketFactory } from "nats";
import { isLoopback } from "../../env.ts";
import { toError } from "../../errors.ts";

/** What leads to NATS. */
export type NatsAddress = {
  /** `nats://` or `tls://` addresses with commas between; with user and password, or a token, in front of the `@` of one. */
  url: string;
  /** Names the address in what is said of it; NATS_URL unless given. */
  variable?: string;
  /** Takes `wss://` addresses as well, and `ws://` to this machine: for who is let through to the web and nowhere else. */
  mayBeWeb?: boolean;
  /** A file with a user's JWT and seed; it may be replaced while the process runs. */
  credentialsFile?: string;
  /** Instead of a file: what answers the server with a signed user. */
  authenticator?: Authenticator;
  token?: string;
  /** PEM files: of the authority that signed the server's certificate where the system does not know it, and our own. */
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
};

/** The same as the client library wants it. */
export type NatsTarget = {
  /** `host:port` each, without credentials: they can be shown. */
  servers: string[];
  authenticator?: Authenticator;
  user?: string;
  pass?: string;
  token?: string;
  /** Where answers come: users that may not hear one another's have names of their own. */
  inboxPrefix?: string;
  tls?: TlsOptions;
  /** Opens WebSocket connections instead; `servers` are whole addresses then. */
  wsFactory?: WsSocketFactory;
  /** Servers that the cluster tells of are reached as these are; unknown ones must not be reached in plain text. */
  ignoreClusterUpdates: boolean;
};

const USUAL_PORT = 4222;
export const NATS_URL = "NATS_URL";

/** Copies of what is kept: who names three servers has them as a cluster, and what is kept outlives each of them. */
export const copiesFor = (url: string): 1 | 3 => (url.split(",").length < 3 ? 1 : 3);

/** @throws Error in words for whoever set the address */
export function targetOf(address: NatsAddress): NatsTarget {
  const { url, variable = NATS_URL, authenticator, credentialsFile, token, tls, mayBeWeb } = address;
  const isWeb = mayBeWeb === true && /^wss?:/i.test(url.trim());
  const urls = url
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => parse(part, variable, isWeb ? WEB : PLAIN));
  if (urls.length === 0) throw new Error(`${variable} names no server: give it as nats://host:4222.`);
  const isEncrypted = !isWeb && (tls !== undefined || urls.some(({ protocol }) => protocol === "tls:"));
  const open = isEncrypted
    ? undefined
    : urls.find(({ protocol, hostname }) => protocol !== "wss:" && !isLoopback(hostname));
  if (open)
    throw new Error(
      `NATS at ${open.host} would be reached in plain text, with all that users say. Give its address as ${isWeb ? "wss" : "tls"}://${open.host}; only this machine (127.0.0.1, localhost) may be reached without TLS.`,
    );
  const who = authenticator ? { authenticator } : credentialsOf(urls, variable, credentialsFile, token);
  if (isWeb)
    return {
      servers: urls.map(({ protocol, host, pathname }) => `${protocol}//${host}${pathname}`),
      ...who,
      wsFactory: webSockets(tls?.caFile),
      ignoreClusterUpdates: true,
    };
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || USUAL_PORT}`),
    ...who,
    ...(isEncrypted ? { tls: { ...tls, ...numbersChecked(urls) } } : {}),
    ignoreClusterUpdates: !isEncrypted,
  };
}

/**
 * Of an address that is a number the library compares the certificate with "localhost": here it is with those numbers. It hands its
 * options to Node as they are, whatever their type says.
 */
function numbersChecked(urls: URL[]): Pick<ConnectionOptions, "checkServerIdentity"> {
  const hosts = urls.map(({ hostname }) => hostname.replace(/^\[(.*)\]$/, "$1"));
  if (!hosts.some(isIP)) return {};
  const compared = hosts.filter((host) => isIP(host) || host === "localhost");
  return {
    checkServerIdentity(host, certificate) {
      if (host !== "localhost") return checkServerIdentity(host, certificate);
      const faults = compared.map((one) => checkServerIdentity(one, certificate));
      return faults.includes(undefined) ? undefined : faults[0];
    },
  };
}

const PLAIN = ["nats", "tls"];
const WEB = ["ws", "wss"];

/** The library opens them with what Node trusts by itself, and has no way to name an authority. */
function webSockets(caFile?: string): WsSocketFactory {
  return async (url) => {
    const { openWebSocket } = await import("../../net/web-socket.ts");
    const socket = openWebSocket(url, caFile === undefined ? undefined : readFileSync(caFile, "utf8"));
    return { socket: socket as unknown as WebSocket, encrypted: url.startsWith("wss:") };
  };
}

function parse(text: string, variable: string, schemes: string[]): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `nats://${text}`;
  if (!URL.canParse(withScheme))
    throw new Error(`${variable} has something that is no address: give it as nats://host:4222.`);
  const url = new URL(withScheme);
  if (!schemes.includes(url.protocol.slice(0, -1)))
    throw new Error(
      `${variable} begins with ${url.protocol}// and must begin with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}.`,
    );
  if (url.hostname === "") throw new Error(`${variable} names no host: give it as nats://host:4222.`);
  return url;
}

/** NATS takes one of them: user and password, a token, or a signed user. */
function credentialsOf(
  urls: URL[],
  variable: string,
  credentialsFile?: string,
  token?: string,
): Partial<NatsTarget> {
  const given = new Set(
    urls.map(({ username, password }) => `${username}:${password}`).filter((one) => one !== ":"),
  );
  const ways = given.size + (credentialsFile === undefined ? 0 : 1) + (token === undefined ? 0 : 1);
  if (ways > 1)
    throw new Error(
      `NATS is given more than one kind of credentials: use those in ${variable}, a credentials file, or a token.`,
    );
  if (credentialsFile !== undefined) return { authenticator: fileAuthenticator(credentialsFile) };
  if (token !== undefined) return { token };
  const url = urls.find(({ username, password }) => username !== "" || password !== "");
  if (!url) return {};
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  if (pass === "") return { token: user };
  return { user, pass, ...(/^[\w-]+$/.test(user) ? { inboxPrefix: `_INBOX.${user}` } : {}) };
}

/** Who does not encode a `%` in a password means that character. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Reads the file at each connection, since it is renewed. Later, what was read before stands in for one that cannot be read: the
 * library would give up the connection for ever.
 */
function fileAuthenticator(path: string): Authenticator {
  const read = () => {
    const contents = readFileSync(path);
    credsAuthenticator(contents)("");
    return contents;
  };
  let last: Buffer;
  try {
    last = read();
  } catch (thrown) {
    throw new Error(`The NATS credentials file ${path} cannot be used: ${toError(thrown).message}.`);
  }
  return credsAuthenticator(() => {
    try {
      last = read();
    } catch {
      // Being replaced at this moment, or gone.
    }
    return last;
  });
}
