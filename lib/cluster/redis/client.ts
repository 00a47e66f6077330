// The one place where ioredis is started: a client for one connection, with each default decided. What makes the next one when it has
// ended is open-redis.ts, alike for a server, Sentinels and a cluster (docs/decisions/2026-11-29-redis.md).
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from "ioredis";
import { isSecret, type RedisUrl } from "./redis-url.ts";
import { SCRIPTS } from "./scripts.ts";

export type RedisClient = Redis | Cluster;

/** For each server that is tried, until it is connected, TLS included. */
const CONNECT_MS = 1_000;
/** For each of the questions that make a connection usable; those of the program have less (open-redis.ts). */
const HANDSHAKE_MS = 1_000;
/** Where an address stands that must not be connected without TLS; no such host can be (RFC 2606). */
export const REFUSED_HOST = "needs-tls.invalid";

/**
 * It connects by itself and emits `ready` or `end`, and `error` in between.
 * @param operationMs what the program's own questions have: where that is more, those of a connection have as much
 */
export function makeClient(url: RedisUrl, operationMs: number): RedisClient {
  const { kind, addresses, database, master, sentinelCredentials } = url;
  const [first] = addresses;
  if (kind === "cluster") return new Cluster(addresses, clusterOptions(url, operationMs));
  const options = { ...connectionOptions(url, operationMs), scripts: SCRIPTS, db: database };
  if (kind === "server") return new Redis({ ...options, ...first });
  return new Redis({
    ...options,
    sentinels: addresses,
    name: master,
    ...(sentinelCredentials.username ? { sentinelUsername: sentinelCredentials.username } : {}),
    ...(sentinelCredentials.password ? { sentinelPassword: sentinelCredentials.password } : {}),
    sentinelCommandTimeout: Math.max(HANDSHAKE_MS, operationMs),
    sentinelRetryStrategy: () => null,
    ...(url.isTls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    natMap: addressMap(url),
  });
}

function connectionOptions({ credentials, isTls }: RedisUrl, operationMs: number): RedisOptions {
  return {
    ...credentials,
    ...(isTls ? { tls: {} } : {}),
    connectTimeout: Math.max(CONNECT_MS, operationMs),
    commandTimeout: Math.max(HANDSHAKE_MS, operationMs),
    // A half-open connection does not answer to its end either.
    disconnectTimeout: 50,
    keepAlive: 30_000,
    // One client is one connection: nothing waits in it for the next one, and nothing is sent twice.
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    // A server that still loads its data is asked again that often.
    maxLoadingRetryTime: 500,
    connectionName: "macjarvis",
    disableClientInfo: true,
  };
}

function clusterOptions(url: RedisUrl, operationMs: number): ClusterOptions {
  return {
    scripts: SCRIPTS,
    redisOptions: connectionOptions(url, operationMs),
    clusterRetryStrategy: () => null,
    enableOfflineQueue: false,
    // A slot that moves or gets a new master is looked for within the time that an operation has.
    maxRedirections: 4,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 50,
    slotsRefreshTimeout: Math.max(CONNECT_MS, operationMs),
    slotsRefreshInterval: 30_000,
    // Certificates are of names: none is turned into its address before it is checked.
    ...(url.isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
    natMap: addressMap(url),
  };
}

/** Sentinels and clusters name further servers, which without TLS may be on this machine only, as those of the URL. */
function addressMap(url: RedisUrl) {
  return (place: string) => {
    const colon = place.lastIndexOf(":");
    const [host, port] = [place.slice(0, colon), Number(place.slice(colon + 1))];
    return { host: isSecret(url, { host, port }) ? host : REFUSED_HOST, port };
  };
}
