// REDIS_URL in its forms, read once at opening:
//   redis://[[user]:password@]host[:6379][/number of the database]
//   redis+sentinel://[[user]:password@]host[:26379],host…/name of the master[/number][?sentinel_password=…&sentinel_username=…]
//   redis+cluster://[[user]:password@]host[:6379],host…
// `rediss`, `rediss+sentinel`, `rediss+cluster` are the same over TLS, whose certificates are those that Node trusts (an own authority:
// NODE_EXTRA_CA_CERTS). User and password are of Redis itself; what is no letter or digit in them is written as in any URL (`%40`).
import { isLoopback } from "../../env.ts";

export type Address = { host: string; port: number };
export type RedisUrl = {
  kind: "server" | "sentinel" | "cluster";
  isTls: boolean;
  addresses: [Address, ...Address[]];
  credentials: { username?: string; password?: string };
  sentinelCredentials: { username?: string; password?: string };
  /** The name of the master that the Sentinels watch. */
  master: string;
  /** The number of the database. */
  database: number;
  /** What is spoken of, without a secret: `Redis at 127.0.0.1:6379`. */
  shown: string;
};

const FORM =
  /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const FORMS =
  "It is redis://host:6379, redis+sentinel://host:26379,host:26379/name-of-the-master or redis+cluster://host:6379,host:6379, " +
  "rediss… for TLS, with user:password@ before the hosts where Redis wants one (what is no letter or digit in them as %40)";
const PORTS = { server: 6379, sentinel: 26_379, cluster: 6379 };

/** @throws Error in words that show no secret */
export function readRedisUrl(url: string): RedisUrl {
  const [, tls, kind = "server", credentials = "", hosts = "", path = "", query = ""] = FORM.exec(url) ?? [];
  if (kind !== "server" && kind !== "sentinel" && kind !== "cluster") throw notReadable("");
  const parts = path.split("/").filter((part) => part !== "");
  const master = kind === "sentinel" ? decoded(parts.shift() ?? "") : "";
  const [database = "0", ...more] = parts;
  const [first, ...others] = hosts.split(",").map((host) => readAddress(host, PORTS[kind]));
  if (!first || more.length > 0) throw notReadable("");
  if (kind === "server" && others.length > 0) throw notReadable("several hosts are a cluster or Sentinels. ");
  if (kind === "sentinel" && master === "") throw notReadable("it does not name the master. ");
  if (!/^\d{1,5}$/.test(database)) throw notReadable("the database is a number. ");
  if (kind === "cluster" && database !== "0") throw notReadable("a cluster has one database only. ");
  const read: RedisUrl = {
    kind,
    isTls: tls === "s",
    addresses: [first, ...others],
    credentials: readCredentials(credentials),
    sentinelCredentials: readQuery(query, kind),
    master,
    database: Number(database),
    shown: shownAs(kind, [first, ...others], master),
  };
  requireSecrecy(read);
  return read;
}

/** Whether what is sent there cannot be read on the way. */
export function isSecret({ isTls }: RedisUrl, { host }: Address): boolean {
  return isTls || isLoopback(host);
}

function requireSecrecy(url: RedisUrl): void {
  const open = url.addresses.find((address) => !isSecret(url, address));
  if (!open) return;
  throw new Error(
    `REDIS_URL: ${open.host} is not this machine, and without TLS everybody on the way could read and change what is sent, the password included. Use rediss:// there.`,
  );
}

function readAddress(text: string, usualPort: number): Address {
  const [, inBrackets, name, port = String(usualPort)] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = inBrackets ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw notReadable("a host is a name or an address with a port behind it. ");
  return { host, port: Number(port) };
}

function readCredentials(text: string): RedisUrl["credentials"] {
  const colon = text.indexOf(":");
  if (text !== "" && colon < 0) throw notReadable("a password has a colon before it. ");
  const [username, password] = [decoded(text.slice(0, Math.max(0, colon))), decoded(text.slice(colon + 1))];
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

function readQuery(query: string, kind: RedisUrl["kind"]): RedisUrl["sentinelCredentials"] {
  const read: RedisUrl["sentinelCredentials"] = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (kind === "sentinel" && name === "sentinel_password") read.password = value;
    else if (kind === "sentinel" && name === "sentinel_username") read.username = value;
    else throw notReadable("behind the question mark is something that it does not have. ");
  }
  return read;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notReadable("a percent sign has two digits behind it. ");
  }
}

function shownAs(kind: RedisUrl["kind"], addresses: Address[], master: string): string {
  const places = addresses.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (kind === "sentinel") return `Redis ("${master}" of the Sentinels ${places.join(", ")})`;
  return `Redis ${kind === "cluster" ? "Cluster " : ""}at ${places.join(", ")}`;
}

/** @param why a sentence part with a full stop and a blank behind it, or nothing */
function notReadable(why: string): Error {
  return new Error(`REDIS_URL cannot be read: ${why}${FORMS}.`);
}
