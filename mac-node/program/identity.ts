// Whom this Mac is paired with, and what it was given at pairing. It is paired when the file of this is there: it is written last
// and removed first.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { nodeId, userId } from "../../contracts/ids.ts";
import { edgeCredentials, publicKey } from "../../contracts/pairing.ts";
import type { ServerAccess } from "./ask-server.ts";
import type { NodeFolder } from "./folder.ts";
import { type NodeKey, writeKey } from "./key.ts";
import { NodeProblem } from "./problem.ts";
import { readStored, writeStored, writeText } from "./stored.ts";

const identity = z.object({
  node_id: nodeId,
  /** Without a slash at its end. */
  server: z.string(),
  user_id: userId,
  owner: z.string(),
  name: z.string(),
  public_key: publicKey,
  /** Pinned: whoever takes over the server later cannot put others in their place. */
  grant_keys: z.array(z.string()).min(1),
  edge_url: z.string(),
  paired_at: z.iso.datetime(),
  /** The server has said that this Mac is revoked: it is not asked again. */
  revoked_at: z.iso.datetime().optional(),
});
export type Identity = z.infer<typeof identity>;

/** `offset_ms`: the server's clock less this Mac's, when they were given. */
const storedCredentials = edgeCredentials.extend({ offset_ms: z.number() });
export type StoredCredentials = z.infer<typeof storedCredentials>;

/** Undefined when this Mac is paired with nobody. @throws NodeProblem `damaged` */
export function readIdentity(folder: NodeFolder): Identity | undefined {
  return readStored(folder.identity, identity);
}

/** @throws NodeProblem `not_paired`, `damaged` */
export function pairedIdentity(folder: NodeFolder): Identity {
  const known = readIdentity(folder);
  if (!known) throw new NodeProblem({ kind: "not_paired" });
  return known;
}

export function readCredentials(folder: NodeFolder): StoredCredentials | undefined {
  return readStored(folder.credentials, storedCredentials);
}

export function writeCredentials(folder: NodeFolder, credentials: StoredCredentials): void {
  writeStored(folder.credentials, credentials);
}

/** Keeps what pairing gave; the Mac is paired when this returns. */
export function keepPairing(
  folder: NodeFolder,
  given: {
    identity: Identity;
    key: NodeKey;
    credentials: StoredCredentials;
    authorities: string | undefined;
  },
): void {
  writeKey(folder.seed, given.key);
  if (given.authorities === undefined) rmSync(folder.authorities, { force: true });
  else writeText(folder.authorities, given.authorities);
  writeCredentials(folder, given.credentials);
  writeStored(folder.identity, given.identity);
}

export function markRevoked(folder: NodeFolder, known: Identity, now: Date): void {
  writeStored(folder.identity, { ...known, revoked_at: now.toISOString() });
}

/** Removes what belongs to the pairing; policy, secrets and journal stay. */
export function forgetPairing(folder: NodeFolder): void {
  for (const path of [folder.identity, folder.seed, folder.credentials, folder.authorities, folder.state])
    rmSync(path, { force: true });
}

/** How the server of the pairing is asked. */
export function accessOf(folder: NodeFolder, { server }: Identity): ServerAccess {
  const { authorities } = folder;
  return existsSync(authorities)
    ? { url: server, authorities: readFileSync(authorities, "utf8") }
    : { url: server };
}
