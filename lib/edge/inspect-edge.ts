// What the nats-server of the edge says of itself, to a hub and over the system account, for `npm run doctor`: nothing is changed, in
// bounded time.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openNats } from "../cluster/nats/open-nats.ts";
import type { EdgeSettings } from "../env/edge.ts";
import { openClaims } from "./keys/claims.ts";
import { EdgeSigner, type Revoked, sayTheSame } from "./keys/edge-signer.ts";
import { KEY_FILES } from "./keys/key-files.ts";

export type EdgeState = {
  /** Undefined where this process has no hub's credentials. */
  server?: { version: string; maxPayload: number };
  /** Of the claims of the account in the server, against those that the keys would sign; undefined where this process has no such keys. */
  claims?: "same" | "other" | "unknown account";
};

/**
 * @param revoked what the registry has; revocations are not looked at unless it is given
 * @throws Error in words: the server is away, refuses the keys, …
 */
export async function inspectEdge(
  { url, keysFolder }: EdgeSettings,
  revoked?: readonly Revoked[],
): Promise<EdgeState> {
  const has = (...files: string[]) => files.every((file) => existsSync(join(keysFolder, file)));
  const { hubCreds, systemCreds, operatorSigningSeed, edgeAccount, edgeSigningSeed } = KEY_FILES;
  return {
    ...(has(hubCreds) ? { server: await asHub(url, join(keysFolder, hubCreds)) } : {}),
    ...(has(systemCreds, operatorSigningSeed, edgeAccount, edgeSigningSeed)
      ? { claims: await claimsIn(url, keysFolder, revoked) }
      : {}),
  };
}

async function asHub(url: string, credentialsFile: string) {
  const nats = await openNats({ url, variable: "EDGE_URL", name: "macjarvis doctor", credentialsFile });
  const server = { version: nats.connection.info?.version ?? "", maxPayload: nats.maxPayload };
  await nats.close();
  return server;
}

async function claimsIn(url: string, keysFolder: string, revoked?: readonly Revoked[]) {
  const signer = new EdgeSigner(keysFolder);
  const claims = await openClaims({ url, keysFolder });
  try {
    const found = await claims.readClaims();
    if (found === undefined) return "unknown account";
    const wanted = await signer.edgeAccountClaims(revoked ?? []);
    return sayTheSame(found, wanted, revoked ? [] : ["revocations"]) ? "same" : "other";
  } finally {
    await claims.close();
  }
}
