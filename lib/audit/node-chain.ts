// How an entry of a Mac's own record is hashed and signed: the same on the Mac, in hubs, and where the two sides are compared.
import type { ChainEntry, NodeHead } from "../../contracts/node-chain.ts";
import { hashOf } from "../canonical-json.ts";
import { isSignedBy } from "../edge/keys/signatures.ts";

type Unsealed = ChainEntry extends infer Entry ? Omit<Entry, "hash" | "signature"> : never;

export function hashOfEntry(entry: Unsealed): string {
  return hashOf(entry);
}

/** What is signed says what it is, and whose, so that it can be nothing else. */
export const signedHead = (nodeId: string, { seq, hash }: Pick<NodeHead, "seq" | "hash">) =>
  `macjarvis-chain:${nodeId}:${seq}:${hash}`;

export const isSignedHead = (publicKey: string, nodeId: string, head: NodeHead) =>
  isSignedBy(publicKey, signedHead(nodeId, head), head.signature);

export const headOfEntry = ({ seq, hash, signature }: ChainEntry): NodeHead => ({ seq, hash, signature });

/** What is wrong with an entry by itself, in words behind its name; undefined when nothing is. */
export function faultOfEntry(entry: ChainEntry, publicKey: string, nodeId: string): string | undefined {
  const { hash, signature: _, ...rest } = entry;
  if (hashOfEntry(rest as Unsealed) !== hash) return "was changed: its hash does not fit";
  return isSignedHead(publicKey, nodeId, entry) ? undefined : "is not signed with the key of this Mac";
}
