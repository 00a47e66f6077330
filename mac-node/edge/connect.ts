// The connection of a Mac to the edge bus: opened with the credentials of its pairing, and made anew with fresh ones before NATS ends it.
import { setTimeout as sleep } from "node:timers/promises";
import { type Authenticator, AuthorizationError, type NatsConnection } from "nats";
import type { EdgeCredentials } from "../../contracts/pairing.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { toError } from "../../lib/errors.ts";
import type { ServeGiven } from "../program/serving.ts";

const AGAIN_MS = 2_000;
const LOOK_MS = 10_000;
/** What still runs is not cut off from its hub for fresh credentials until the old ones have so little left. */
const SPARE_MS = 60_000;

export type EdgeConnection = { nats: Nats; credentials(): EdgeCredentials; close(): Promise<void> };

type Given = Pick<ServeGiven, "credentials" | "refused" | "key" | "folder" | "authorities" | "log">;

/**
 * Answers when it stands, however long that takes.
 * @param isBusy whether something runs that a cut would disturb
 * @throws what ends the credentials, and the signal's reason
 */
export async function connectEdge(
  given: Given,
  isBusy: () => boolean,
  signal: AbortSignal,
): Promise<EdgeConnection> {
  const { key, folder, authorities, log } = given;
  let credentials = await given.credentials();
  // The library's own takes 60 ms of the main thread to sign.
  const authenticator: Authenticator = (nonce = "") => {
    return { jwt: credentials.jwt, nkey: key.publicKey, sig: key.sign(nonce) };
  };
  const isEncrypted = () => /^(tls|wss):/.test(credentials.edge_url);
  const open = async () => {
    credentials = await given.credentials();
    return openNats({
      ...{
        url: credentials.edge_url,
        name: "macjarvis mac",
        variable: "the server's address of the edge bus",
        mayBeWeb: true,
      },
      authenticator,
      ...(authorities !== undefined && isEncrypted() ? { tls: { caFile: folder.authorities } } : {}),
      tell: (words) => log.info(words),
    });
  };
  const nats = await untilOpen(open, () => given.refused(credentials), given, signal);
  let used = credentials;
  let usedAt = performance.now();
  void hearRefusals(nats.connection, () => given.refused(used));
  const renew = async () => {
    credentials = await given.credentials().catch(() => credentials);
    const leftMs = Date.parse(used.expires_at) - Date.parse(used.server_time) - (performance.now() - usedAt);
    if (credentials.jwt === used.jwt || (isBusy() && leftMs > SPARE_MS)) return;
    used = credentials;
    usedAt = performance.now();
    await nats.connection
      .reconnect()
      .catch((thrown: unknown) => log.warn({ err: toError(thrown) }, "reconnect"));
  };
  // One at a time: while the server is away for days, each would wait for the same credentials.
  let isRenewing = false;
  const timer = setInterval(() => {
    if (isRenewing) return;
    isRenewing = true;
    void renew().finally(() => {
      isRenewing = false;
    });
  }, LOOK_MS).unref();
  return {
    nats,
    credentials: () => credentials,
    async close() {
      clearInterval(timer);
      await nats.close();
    },
  };
}

async function untilOpen(
  open: () => Promise<Nats>,
  refused: () => void,
  { log }: Given,
  signal: AbortSignal,
): Promise<Nats> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await open();
    } catch (thrown) {
      signal.throwIfAborted();
      if (toError(thrown).cause instanceof AuthorizationError) refused();
      if (isFirst) log.warn({ err: toError(thrown) }, "the edge bus cannot be reached; it is tried again");
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
}

/** NATS closes a connection whose user was revoked or has expired, and takes no other one from it. */
async function hearRefusals(connection: NatsConnection, refused: () => void): Promise<void> {
  for await (const status of connection.status())
    if (status.type === "error" && status.error instanceof AuthorizationError) refused();
}
